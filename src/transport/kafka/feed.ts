// Reads partitions of one topic, each from its leader, wherever that moves to.
import { backoff, delay } from "../../async/delay.ts";
import type { LogThrottle } from "../../logging/log_throttle.ts";
import type { IncomingRecord } from "../../wire/record.ts";
import type { PassedRecords } from "../transport.ts";
import type { BatchHeader } from "./batches/batch.ts";
import { type Cluster, leaderOf } from "./cluster.ts";
import { UNKNOWN_TOPIC } from "./error_codes.ts";
import { judge, KafkaFailure, REFUSED_MS } from "./errors.ts";
import { type FedPartition, LeaderFeed } from "./leader_feed.ts";
import { listOffset } from "./list_offset.ts";
import type { Lane } from "./lane.ts";

const RETRY = { firstMs: 50, maxMs: 500 };

/** Of a search through a log: what to look for, and who hears of the batches that do not have it. */
export interface Search {
  readonly bytes: Uint8Array;
  /** Called with each of them in place of its records. Their checksums are not looked at. */
  readonly onOther: (partition: number, batch: BatchHeader) => void;
}

export interface FeedOptions {
  readonly cluster: Cluster;
  readonly topic: string;
  /** Longest wait of a broker for new records, in milliseconds. */
  readonly maxWaitMs: number;
  readonly background: boolean;
  readonly maxUnpackedBytes?: number | undefined;
  /** Has a line of what is passed by. */
  readonly unreadable: LogThrottle;
  /** Takes a record. What comes behind it from the same broker waits for a promise. */
  readonly onRecord: (record: IncomingRecord) => Promise<void> | undefined;
  /**
   * Called when everything below an offset is delivered or holds no record: markers of
   * transactions, what was compacted away, what can't be read.
   */
  readonly onPassed?: ((partition: number, nextOffset: bigint) => void) | undefined;
  /** Called for offsets that are passed by. What comes behind them waits for a promise. */
  readonly onUnreadable?: ((passed: PassedRecords) => Promise<void> | void) | undefined;
  /** Only what may have these bytes is decoded. */
  readonly search?: Search | undefined;
  /**
   * Where to go on in a partition: without a position, or with one that its log does not have.
   * `ask` gives the offset of a time, as ListOffsets has it.
   */
  readonly seek: (
    at: { readonly partition: number; readonly position: bigint | undefined },
    ask: (timestamp: bigint) => Promise<bigint>,
  ) => Promise<bigint>;
  /**
   * Whether a partition has no position any more once its topic was not there: the next topic of
   * that name has other records.
   */
  readonly beginsAnew?: boolean | undefined;
  /** Called with each failure; it goes on by itself. */
  readonly onFailure: (error: unknown) => void;
  /**
   * Called with each answer of a leader that is no failure: with the partitions that certainly had
   * nothing new. Others may have had no room in it.
   */
  readonly onAnswer?: ((empty: readonly number[]) => void) | undefined;
  /** Called with each answer while all partitions have a leader that answers. */
  readonly onSteady?: (() => void) | undefined;
}

/** Reads partitions until it is closed; failures only interrupt it. */
export class Feed implements AsyncDisposable {
  readonly #options: FeedOptions;
  readonly #closing = new AbortController();
  /** Aborts when it is closed. */
  readonly signal: AbortSignal = this.#closing.signal;
  /** A parked fetch holds back what is behind it: questions have a lane of their own. */
  readonly #fetches: Lane;
  readonly #questions: Lane;
  readonly #feeds = new Map<number, LeaderFeed>();
  readonly #homeless: Set<FedPartition>;
  #wake = Promise.withResolvers<void>();
  #delayMs = backoff(RETRY);
  #isRefused = false;
  readonly #running: Promise<void>;

  /** By partition where to begin; undefined: where `seek` says. */
  constructor(options: FeedOptions, positions: ReadonlyMap<number, bigint | undefined>) {
    this.#options = options;
    this.#fetches = options.cluster.lane();
    this.#questions = options.cluster.lane();
    this.#homeless = new Set(
      [...positions].map(([partition, position]) => ({ partition, position, misread: 0 })),
    );
    this.#running = this.#run();
  }

  /** Ends it and its connections: nothing is delivered once it has been called. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake.resolve();
    this.#fetches.close();
    this.#questions.close();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    const { signal } = this;
    const { background } = this.#options;
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      if (this.#homeless.size === 0) await this.#wake.promise;
      this.#wake = Promise.withResolvers<void>();
      if (!isFirst) {
        await delay(this.#isRefused ? REFUSED_MS : this.#delayMs(), { signal, background });
      }
      this.#isRefused = false;
      if (!signal.aborted) await this.#place();
    }
    await Promise.all([...this.#feeds.values()].map(({ ended }) => ended));
  }

  /** Finds the leaders of the partitions that have none. */
  async #place(): Promise<void> {
    const { cluster, topic } = this.#options;
    try {
      const found = await cluster.topic(topic, { signal: this.signal, purpose: "Fetch" });
      await Promise.all([...this.#homeless].map(async (fed) => {
        try {
          const leader = leaderOf(found, fed.partition);
          if (fed.position === undefined || fed.outOfRange) await this.#seek(fed, leader);
          this.#house(fed, leader);
        } catch (error) {
          this.#failed(error);
        }
      }));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const { cluster, topic, beginsAnew, onFailure } = this.#options;
    if (this.signal.aborted) return;
    if (beginsAnew && error instanceof KafkaFailure && error.code === UNKNOWN_TOPIC) {
      for (const fed of this.#homeless) fed.position = undefined;
    }
    if (judge(error, "running").kind !== "outage") this.#isRefused = true;
    cluster.forgetTopic(topic);
    onFailure(error);
  }

  async #seek(fed: FedPartition, leader: number): Promise<void> {
    const { topic, seek } = this.#options;
    const { partition } = fed;
    fed.position = await seek(fed, async (timestamp) => {
      const question = { leader, topic, partition, timestamp };
      return await listOffset(this.#questions, question, this.signal) ?? 0n;
    });
    fed.outOfRange = false;
  }

  #house(fed: FedPartition, leader: number): void {
    if (this.signal.aborted) return;
    this.#homeless.delete(fed);
    let feed = this.#feeds.get(leader);
    if (feed === undefined || feed.isDone) {
      feed = new LeaderFeed(this.#fetches, leader, {
        ...this.#options,
        signal: this.signal,
        onAnswer: (empty) => {
          this.#options.onAnswer?.(empty);
          // While one partition has no leader, the answers for others are no recovery.
          if (this.#homeless.size > 0) return;
          this.#delayMs = backoff(RETRY);
          this.#options.onSteady?.();
        },
        onLeft: (left, error) => {
          for (const fed of left) this.#homeless.add(fed);
          this.#failed(error);
          this.#wake.resolve();
        },
      });
      this.#feeds.set(leader, feed);
    }
    feed.add(fed);
  }
}
