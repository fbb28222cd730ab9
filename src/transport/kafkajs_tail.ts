/**
 * Reads what a topic holds just now.
 *
 * @module
 */
import { bounded } from "./bounded.ts";
import { kafkaError } from "./kafkajs_errors.ts";
import { endOf, TopicFetch } from "./kafkajs_fetch.ts";
import type { OpenKafka } from "./kafkajs_private.ts";
import { incoming } from "./kafkajs_record.ts";
import type { TailOptions } from "./transport.ts";

/** Records may be there already: an empty answer that waited would only cost time. */
const MAX_WAIT_MS = 100;

/**
 * Reads the tails of all partitions; see `Transport.readTail`.
 *
 * @param open A kafkajs client of its own.
 * @param options What to read.
 */
export async function readTail(open: OpenKafka, options: TailOptions): Promise<void> {
  const { topic } = options;
  const gaveUp = new AbortController();
  try {
    await bounded(readAll(new TopicFetch(open, topic), options, gaveUp.signal), options, () => {
      return new Error("not read in time");
    });
  } catch (error) {
    throw kafkaError(error, `read the tail of ${topic}`);
  } finally {
    gaveUp.abort();
  }
}

async function readAll(fetch: TopicFetch, options: TailOptions, signal: AbortSignal) {
  await fetch.connect();
  for (const partition of fetch.partitions()) await readOne(fetch, partition, options, signal);
}

async function readOne(
  fetch: TopicFetch,
  partition: number,
  options: TailOptions,
  signal: AbortSignal,
): Promise<void> {
  const { topic, positions, sinceMs, maxRecords, onRecord } = options;
  const end = (await fetch.offset(partition, "latest"))!;
  const young = await fetch.offset(partition, { sinceMs }) ?? end;
  const enough = end - BigInt(maxRecords);
  const known = positions.get(partition) ?? 0n;
  // A position past the end is of a log that is no more: the topic was made anew.
  let next = known > end ? young : [young, enough, known].reduce((a, b) => a > b ? a : b);
  while (next < end && !signal.aborted) {
    const messages = await fetch.fetch(partition, next, { maxWaitMs: MAX_WAIT_MS, signal });
    // The last offsets may have no records any more: they were compacted or deleted.
    if (messages.length === 0) next = end;
    for (const message of messages) {
      const offset = BigInt(message.offset);
      if (offset < next) continue;
      next = offset + 1n;
      if (!message.isControlRecord) onRecord(incoming(topic, partition, message));
    }
    const behind = endOf(messages) ?? next;
    if (behind > next) next = behind;
  }
  if (!signal.aborted) positions.set(partition, next);
}
