/**
 * Reads one partition without a consumer group.
 *
 * @module
 */
import type { RpcError } from "../wire/errors.ts";
import { backoff, bounded, pause } from "./bounded.ts";
import { isFinal, kafkaError, protocolError } from "./kafkajs_errors.ts";
import { endOf, TopicFetch } from "./kafkajs_fetch.ts";
import type { FetchedMessage, OpenKafka } from "./kafkajs_private.ts";
import { incoming } from "./kafkajs_record.ts";
import { LogThrottle } from "./log_throttle.ts";
import type { Logger } from "./logger.ts";
import type { Reading, ReadOptions } from "./transport.ts";

/** Longest wait of the broker for new records. */
const MAX_WAIT_MS = 1_000;
/** After a truncated or recreated log, at most this many records are read again. */
const REWIND = 10_000n;
/** What only an operator can correct: minimum interval between log lines. */
const WARN_INTERVAL_MS = 30_000;
/** Waits between attempts to reach a broker: short enough to be there soon after it is back. */
const RETRY = { firstMs: 50, maxMs: 500 };

/** A group-less read of one partition, from its latest offset at the start. */
export class PartitionReader implements Reading {
  readonly #fetch: TopicFetch;
  readonly #options: ReadOptions;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #failures: LogThrottle;
  #next = -1n;
  #connected = true;
  #running: Promise<void> | undefined;
  startOffset = -1n;

  private constructor(open: OpenKafka, options: ReadOptions, logger: Logger) {
    this.#fetch = new TopicFetch(open, options.topic);
    this.#options = options;
    this.#logger = logger;
    this.#failures = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
  }

  /**
   * Starts reading.
   *
   * @param open A kafkajs client of its own: a long poll blocks its connection.
   * @param options What to read.
   * @param logger Where reconnections are told.
   * @returns The reader, once its start offset is a number.
   */
  static async start(
    open: OpenKafka,
    options: ReadOptions,
    logger: Logger,
  ): Promise<PartitionReader> {
    const reader = new PartitionReader(open, options, logger);
    try {
      await bounded(reader.#begin(), options, () => new Error("no answer in time"));
    } catch (error) {
      await reader.close();
      options.signal?.throwIfAborted();
      throw reader.#failure(error);
    }
    reader.#running = reader.#run();
    return reader;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // The fetch under way would hold the close back until the broker answers.
    await this.#fetch.disconnect();
    await this.#running;
    this.#failures.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #begin(): Promise<void> {
    const { partition } = this.#options;
    const delay = backoff(RETRY);
    while (!this.#closing.signal.aborted) {
      try {
        await this.#fetch.connect();
        this.startOffset = this.#next = (await this.#fetch.offset(partition, "latest"))!;
        return;
      } catch (error) {
        if (isFinal(this.#failure(error))) throw error;
        // A topic that was just created has no leader for a moment.
        this.#logger.debug("reading cannot begin yet", { topic: this.#options.topic, error });
        await this.#fetch.disconnect();
        await pause(delay(), this.#closing);
      }
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let delay = backoff(RETRY);
    while (!signal.aborted) {
      try {
        await this.#fetch.connect();
        const { partition } = this.#options;
        // After an interruption the first answer shows that the reading goes on: it must not wait.
        const bounds = { maxWaitMs: this.#connected ? MAX_WAIT_MS : 0, signal };
        const messages = await this.#fetch.fetch(partition, this.#next, bounds);
        this.#tell(true);
        for (const message of messages) this.#deliver(message);
        const behind = endOf(messages) ?? this.#next;
        if (behind > this.#next) this.#next = behind;
        delay = backoff(RETRY);
      } catch (error) {
        if (signal.aborted) return;
        const { topic, partition } = this.#options;
        this.#logger.debug("reading is interrupted", { topic, partition, error });
        await this.#recover(error);
        await pause(delay(), { signal, background: true });
      }
    }
  }

  #deliver(message: FetchedMessage): void {
    const offset = BigInt(message.offset);
    // A compressed batch is sent whole, from before the offset that was asked for.
    if (offset < this.#next || this.#closing.signal.aborted) return;
    this.#next = offset + 1n;
    if (message.isControlRecord) return;
    this.#options.onRecord(incoming(this.#options.topic, this.#options.partition, message));
  }

  #tell(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#options.onConnected?.(connected);
  }

  #failure(error: unknown): RpcError {
    const { topic, partition } = this.#options;
    return kafkaError(error, `read ${topic}[${partition}]`);
  }

  /** Brings the reader back to where it can fetch; what fails here fails in the next round. */
  async #recover(error: unknown): Promise<void> {
    const protocol = protocolError(error);
    const failure = this.#failure(error);
    const undecodable = failure.code === "data_loss";
    const lost = protocol === undefined && !undecodable;
    if (lost || isFinal(failure)) this.#tell(false);
    if (undecodable || isFinal(failure)) {
      // Retrying cannot correct it; an operator must.
      this.#failures.log("records cannot be read", { error: failure });
    }
    try {
      if (protocol === "OFFSET_OUT_OF_RANGE") await this.#rewind();
      // It never will be read: what comes after it may be.
      else if (undecodable) {
        this.#next = (await this.#fetch.offset(this.#options.partition, "latest"))!;
      } else if (lost) await this.#fetch.disconnect();
      else await this.#fetch.refresh();
    } catch (next) {
      this.#logger.debug("reading cannot go on yet", { error: next });
      await this.#fetch.disconnect();
    }
  }

  /**
   * The log no longer has the next offset: it was cut at the front (retention),
   * at the end (a leader without the last records) or created anew. Going on at
   * the latest offset would skip replies that are there already.
   */
  async #rewind(): Promise<void> {
    const { partition } = this.#options;
    await this.#fetch.refresh();
    const earliest = (await this.#fetch.offset(partition, "earliest"))!;
    const latest = (await this.#fetch.offset(partition, "latest"))!;
    const start = this.#next < earliest ? earliest : latest - REWIND;
    this.#next = start > earliest ? start : earliest;
  }
}
