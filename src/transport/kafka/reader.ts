// Reads one partition without a consumer group.
import { LogThrottle } from "../../logging/log_throttle.ts";
import type { Reading, ReadOptions } from "../transport.ts";
import { leaderOf, type TransportParts } from "./cluster.ts";
import { asRpcError, judge, KafkaFailure, throwFailure } from "./errors.ts";
import { Feed } from "./feed.ts";
import type { Lane } from "./lane.ts";
import { listOffset } from "./list_offset.ts";
import { EARLIEST, LATEST } from "./port.ts";
import { untilStarted } from "./start.ts";

const MAX_WAIT_MS = 500;
/** After a truncated or recreated log, at most this many records are read again. */
const REWIND = 10_000n;
/** What does not pass by itself: minimum interval between log lines. */
const WARN_INTERVAL_MS = 30_000;

function within(offset: bigint, earliest: bigint, latest: bigint): bigint {
  return offset < earliest ? earliest : offset > latest ? latest : offset;
}

/** A group-less read of one partition, from its latest offset at the start or an earlier one. */
export class PartitionReader implements Reading {
  readonly #parts: TransportParts;
  readonly #options: ReadOptions;
  readonly #failures: LogThrottle;
  readonly #unreadable: LogThrottle;
  #connected = true;
  #feed: Feed | undefined;
  startOffset = -1n;
  endOffset = -1n;

  private constructor(parts: TransportParts, options: ReadOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#failures = new LogThrottle(parts.logger, { intervalMs: WARN_INTERVAL_MS });
    this.#unreadable = new LogThrottle(parts.logger, { intervalMs: WARN_INTERVAL_MS });
  }

  /**
   * Starts reading. It resolves once the start offset is known and a first fetch is answered: to
   * know an offset takes another right than to read.
   */
  static async start(parts: TransportParts, options: ReadOptions): Promise<PartitionReader> {
    const reader = new PartitionReader(parts, options);
    using lane = parts.cluster.lane();
    try {
      await untilStarted((signal) => reader.#begin(lane, signal), {
        signal: options.signal,
        timeoutMs: options.timeoutMs,
        what: reader.#what,
        closing: parts.closing,
        onFailure: (error) => parts.logger.debug("reading cannot begin yet", reader.#about(error)),
      });
    } catch (error) {
      await reader.close();
      throw error;
    }
    reader.#run();
    return reader;
  }

  async close(): Promise<void> {
    await this.#feed?.close();
    this.#failures.close();
    this.#unreadable.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #what(): string {
    return `read ${this.#options.topic}[${this.#options.partition}]`;
  }

  #about(error: unknown) {
    const { topic, partition } = this.#options;
    return { topic, partition, error };
  }

  async #begin(lane: Lane, signal: AbortSignal): Promise<void> {
    const { topic, partition, from } = this.#options;
    const { cluster } = this.#parts;
    const name = `topic ${topic}[${partition}]`;
    try {
      const found = await cluster.topic(topic, { signal, purpose: "Fetch" });
      const leader = leaderOf(found, partition);
      const question = { leader, topic, partition };
      const latest = await listOffset(lane, { ...question, timestamp: LATEST }, signal) ?? 0n;
      const earliest = from === undefined
        ? latest
        : await listOffset(lane, { ...question, timestamp: EARLIEST }, signal) ?? latest;
      const offset = within(from ?? latest, earliest, latest);
      const answer = await lane.send(leader, "Fetch", {
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 1,
        partitions: [{ topic, partition, offset, maxBytes: 1 }],
      }, { signal });
      throwFailure("Fetch", name, answer);
      for (const item of answer.partitions) throwFailure("Fetch", name, item);
      this.startOffset = offset;
      this.endOffset = latest;
    } catch (failure) {
      cluster.forgetTopic(topic);
      throw failure;
    }
  }

  #run(): void {
    const { topic, partition, onRecord, onUnreadable, onPassed } = this.#options;
    this.#feed = new Feed({
      ...this.#parts,
      topic,
      maxWaitMs: MAX_WAIT_MS,
      background: true,
      beginsAnew: true,
      seek: async ({ position = -1n }, ask) => {
        return rewound(position, { earliest: await ask(EARLIEST), latest: await ask(LATEST) });
      },
      unreadable: this.#unreadable,
      onRecord: (record) => void onRecord(record),
      onUnreadable,
      onPassed: onPassed && ((_, nextOffset) => onPassed(nextOffset)),
      onFailure: (error) => this.#interrupted(error),
      onAnswer: () => this.#setConnected(true),
    }, new Map([[partition, this.startOffset]]));
  }

  #setConnected(connected: boolean, cause?: unknown): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    if (connected) this.#failures.reset();
    this.#options.onConnected?.(connected, cause);
  }

  #interrupted(error: unknown): void {
    const { kind } = judge(error, "running");
    const lasts = kind === "refused" || kind === "misconfigured";
    this.#parts.logger.debug("reading is interrupted", this.#about(error));
    // A code for a moment, such as another leader, is over before anything is missed.
    if (lasts || !(error instanceof KafkaFailure)) this.#setConnected(false, error);
    if (!lasts) return;
    this.#failures.log("records cannot be read", this.#about(asRpcError(error, this.#what)));
  }
}

/**
 * Where to go on in a log that no longer has the next offset: it was cut at the front (retention),
 * at the end (a leader without the last records) or created anew. Going on at the latest offset
 * would skip replies that are there already.
 */
function rewound(position: bigint, log: { earliest: bigint; latest: bigint }): bigint {
  const { earliest, latest } = log;
  const start = position >= 0n && position < earliest ? earliest : latest - REWIND;
  return start > earliest ? start : earliest;
}
