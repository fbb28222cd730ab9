// Whether a record lies where its key belongs.
import { clock } from "../async/clock.ts";
import { partitionOf } from "../transport/murmur2.ts";
import type { Transport } from "../transport/transport.ts";
import type { IncomingRecord } from "../wire/record.ts";

/** Clients learn of new partitions within five minutes, Kafka's default `metadata.max.age.ms`. */
const FORMER_MS = 300_000;
/** Minimum interval between two questions: a flood of copies must not ask for each of them. */
const ASK_EVERY_MS = 1_000;

/** Where a record without a key belongs. */
const lonely = (count: number): number | undefined => count === 1 ? 0 : undefined;

/**
 * Knows a copy in another partition. Each server remembers what it has answered itself; a copy that
 * another server gets would run again.
 */
export class OwnPartition {
  readonly #topic: string;
  readonly #transport: Pick<Transport, "partitionsOf">;
  /** How many partitions the topic has or had, and until when that may have been believed. */
  readonly #counts = new Map<number, number>();
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(topic: string, transport: Pick<Transport, "partitionsOf">) {
    this.#topic = topic;
    this.#transport = transport;
  }

  /** Rejects where the partitions can't be counted. */
  async has(record: Pick<IncomingRecord, "topic" | "key" | "partition">): Promise<boolean> {
    // One for every server lies in the one partition that all of them read.
    if (record.topic !== this.#topic) return true;
    if (this.#fits(record)) return true;
    if (clock.now() - this.#askedAt < ASK_EVERY_MS && this.#asking === undefined) return false;
    await (this.#asking ??= this.#ask().finally(() => this.#asking = undefined));
    return this.#fits(record);
  }

  #fits({ key, partition }: Pick<IncomingRecord, "key" | "partition">): boolean {
    const now = clock.now();
    for (const [count, until] of this.#counts) {
      if (until <= now) this.#counts.delete(count);
      else if (partition === (key === null ? lonely(count) : partitionOf(key, count))) return true;
    }
    return false;
  }

  async #ask(): Promise<void> {
    const count = await this.#transport.partitionsOf(this.#topic);
    const now = this.#askedAt = clock.now();
    for (const [former, until] of this.#counts) {
      if (until === Infinity && former !== count) this.#counts.set(former, now + FORMER_MS);
    }
    this.#counts.set(count, Infinity);
  }
}
