// Reads what a topic holds just now.
import { clock } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import { linkSignals } from "../../async/linked_signal.ts";
import { LogThrottle } from "../../logging/log_throttle.ts";
import type { TailOptions } from "../transport.ts";
import type { Cluster, TransportParts } from "./cluster.ts";
import { asRpcError, judge } from "./errors.ts";
import { Feed } from "./feed.ts";
import type { Lane } from "./lane.ts";
import { offsetsAt, timestampOf } from "./list_offset.ts";
import { EARLIEST } from "./port.ts";
import { untilStarted } from "./start.ts";
import { UpToEnds } from "./up_to_ends.ts";

/** Records may be there already: an empty answer that waited would only cost time. */
const MAX_WAIT_MS = 50;
const WARN_INTERVAL_MS = 30_000;

interface Tail {
  readonly partition: number;
  readonly end: bigint;
  readonly next: bigint;
}

/** Reads the tails of all partitions, each at its leader; see `Transport.readTail`. */
export async function readTail(parts: TransportParts, options: TailOptions): Promise<void> {
  const { cluster, logger, closing } = parts;
  const { topic, timeoutMs = Infinity, positions, onRecord } = options;
  const what = `read the tail of ${topic}`;
  const endsAt = clock.now() + timeoutMs;
  using lane = cluster.lane();
  const bounds = { signal: options.signal, timeoutMs, what, closing };
  const tails = await untilStarted((signal) => find(lane, cluster, options, signal), bounds);
  const left = new UpToEnds(tails);
  for (const { partition, next } of tails) positions.set(partition, next);
  if (left.positions.size === 0) return;
  let last: unknown = new Error("not read in time");
  using unreadable = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
  await using _feed = new Feed({
    ...parts,
    topic,
    maxWaitMs: MAX_WAIT_MS,
    background: false,
    seek: (_at, ask) => ask(EARLIEST),
    unreadable,
    onRecord: (record) => void onRecord(record),
    onUnreadable: options.onUnreadable,
    onPassed: (partition, next) => {
      if (left.has(partition)) positions.set(partition, next);
      left.pass(partition, next);
    },
    onAnswer: (empty) => left.empty(empty),
    onFailure: (error) => {
      last = error;
      if (judge(error, "start").kind !== "outage") left.fail(asRpcError(error, what));
      else logger.debug("a tail is interrupted", { topic, error });
    },
  }, new Map(tails.map(({ partition, next }) => [partition, next])));
  using ending = linkSignals(closing, options.signal);
  const rest = { signal: ending.signal, timeoutMs: endsAt - clock.now() };
  await withDeadline(left.done, rest, () => asRpcError(last, what));
}

/** Finds where each partition begins to be of interest, and where it ends just now. */
async function find(
  lane: Lane,
  cluster: Cluster,
  options: TailOptions,
  signal: AbortSignal,
): Promise<Tail[]> {
  const { topic, positions, sinceMs, maxRecords } = options;
  const found = await cluster.topic(topic, { signal, fresh: true, purpose: "Fetch" });
  const offsets = await offsetsAt(lane, found, { timestamp: timestampOf(sinceMs), signal });
  return offsets.map(({ partition, end, first: young = end }) => {
    const enough = end - BigInt(maxRecords);
    const known = positions.get(partition) ?? 0n;
    // A position past the end is of a log that is no more: the topic was made anew.
    const next = known > end ? young : [young, enough, known].reduce((a, b) => a > b ? a : b);
    return { partition, end, next };
  });
}
