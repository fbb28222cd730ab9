/**
 * Reads one partition without a consumer group.
 *
 * @module
 */
import type { IncomingRecord } from "../wire/record.ts";
import { backoff, bounded, pause } from "./bounded.ts";
import { incoming } from "./kafkajs_record.ts";
import { kafkaError, protocolError } from "./kafkajs_errors.ts";
import type { FetchedMessage, OpenKafka, PrivateCluster } from "./kafkajs_private.ts";
import type { Logger } from "./logger.ts";
import type { Reading, ReadOptions } from "./transport.ts";

/** Longest wait of the broker for new records; it answers at once when there are some. */
const MAX_WAIT_MS = 1_000;
/** A broker that is this late with its answer is gone, whatever the socket says. */
const LATE_MS = 5_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** After a truncated or recreated log, at most this many records are read again. */
const REWIND = 10_000n;

/** A group-less read of one partition, from its latest offset at the start. */
export class PartitionReader implements Reading {
  readonly #open: OpenKafka;
  readonly #options: ReadOptions;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #cluster: PrivateCluster | undefined;
  #next = -1n;
  #running: Promise<void> | undefined;
  startOffset = -1n;

  private constructor(open: OpenKafka, options: ReadOptions, logger: Logger) {
    this.#open = open;
    this.#options = options;
    this.#logger = logger;
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
    const what = `read ${options.topic}[${options.partition}]`;
    try {
      await bounded(
        reader.#begin(),
        options,
        () => new Error("no answer in time"),
      );
    } catch (error) {
      await reader.close();
      options.signal?.throwIfAborted();
      throw kafkaError(error, what);
    }
    reader.#running = reader.#run();
    return reader;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // The fetch under way would hold the close back until the broker answers.
    await this.#open.destroySockets();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #begin(): Promise<void> {
    await this.#connect();
    this.startOffset = this.#next = await this.#offset("latest");
  }

  async #connect(): Promise<void> {
    const cluster = this.#open.createCluster();
    await cluster.connect();
    await cluster.addMultipleTargetTopics([this.#options.topic]);
    this.#cluster = cluster;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let delay = backoff({ firstMs: 50, maxMs: 1_000 });
    while (!signal.aborted) {
      try {
        if (this.#cluster === undefined) await this.#connect();
        await this.#fetch();
        delay = backoff({ firstMs: 50, maxMs: 1_000 });
      } catch (error) {
        if (signal.aborted) return;
        const { topic, partition } = this.#options;
        this.#logger.debug("reading is interrupted", {
          topic,
          partition,
          error,
        });
        await pause(delay(), { signal, background: true });
        await this.#recover(error);
      }
    }
  }

  async #fetch(): Promise<void> {
    const { topic, partition } = this.#options;
    const cluster = this.#cluster!;
    const [leader] = Object.keys(
      cluster.findLeaderForPartitions(topic, [partition]),
    );
    if (leader === undefined) {
      throw new Error(`${topic}[${partition}] has no leader`);
    }
    const broker = await cluster.findBroker({ nodeId: leader });
    const fetching = broker.fetch({
      maxWaitTime: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      // Uncommitted: somebody's open transaction must not hold back other callers' replies.
      isolationLevel: 0,
      topics: [{
        topic,
        partitions: [{
          partition,
          fetchOffset: String(this.#next),
          maxBytes: MAX_BYTES,
        }],
      }],
    });
    const { responses } = await bounded(
      fetching,
      {
        signal: this.#closing.signal,
        timeoutMs: MAX_WAIT_MS + LATE_MS,
        background: true,
      },
      () => new Error("the broker does not answer"),
    );
    for (const response of responses) {
      for (const { messages } of response.partitions) {
        messages.forEach((m) => this.#deliver(m));
      }
    }
  }

  #deliver(message: FetchedMessage): void {
    const offset = BigInt(message.offset);
    // A compressed batch is sent whole, from before the offset that was asked for.
    if (offset < this.#next || this.#closing.signal.aborted) return;
    this.#next = offset + 1n;
    if (message.isControlRecord) return;
    const record: IncomingRecord = incoming(
      this.#options.topic,
      this.#options.partition,
      message,
    );
    this.#options.onRecord(record);
  }

  /** Brings the reader back to where it can fetch; what fails here fails in the next round. */
  async #recover(error: unknown): Promise<void> {
    try {
      if (protocolError(error) === "OFFSET_OUT_OF_RANGE") await this.#rewind();
      else if (protocolError(error) !== undefined) {
        await this.#cluster?.refreshMetadata();
      } else await this.#reconnect();
    } catch (next) {
      this.#logger.debug("reading cannot go on yet", { error: next });
      await this.#reconnect();
    }
  }

  /** kafkajs keeps a dead connection for ever: a new cluster has none. */
  async #reconnect(): Promise<void> {
    this.#cluster = undefined;
    await this.#open.destroySockets();
  }

  /**
   * The log no longer has the next offset: it was cut at the front (retention),
   * at the end (a leader without the last records) or created anew. Going on at
   * the latest offset would skip replies that are there already.
   */
  async #rewind(): Promise<void> {
    await this.#cluster?.refreshMetadata();
    const [earliest, latest] = [
      await this.#offset("earliest"),
      await this.#offset("latest"),
    ];
    const start = this.#next < earliest ? earliest : latest - REWIND;
    this.#next = start > earliest ? start : earliest;
  }

  async #offset(which: "earliest" | "latest"): Promise<bigint> {
    const { topic, partition } = this.#options;
    const [found] = await this.#cluster!.fetchTopicsOffset([
      {
        topic,
        partitions: [{ partition }],
        fromBeginning: which === "earliest",
      },
    ]);
    const offset = BigInt(found?.partitions[0]?.offset ?? -1);
    if (offset < 0n) {
      throw new Error(`${topic}[${partition}] has no ${which} offset`);
    }
    return offset;
  }
}
