/**
 * The transport over Apache Kafka.
 *
 * @module
 */
import { type KafkaConfig, logLevel, Partitioners, type Producer, type SASLOptions } from "kafkajs";
import { RpcError } from "../wire/errors.ts";
import type { OutgoingRecord } from "../wire/record.ts";
import { Batcher } from "./batcher.ts";
import { backoff, bounded, pause } from "./bounded.ts";
import { brokerList } from "./brokers.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { KafkaAdmin } from "./kafkajs_admin.ts";
import { connectAdvice, isFinal, isPassing, kafkaError } from "./kafkajs_errors.ts";
import { GroupMember } from "./kafkajs_group.ts";
import { type OpenKafka, openKafka, type RetryLimits } from "./kafkajs_private.ts";
import { PartitionReader } from "./kafkajs_reader.ts";
import { outgoing } from "./kafkajs_record.ts";
import { readTail } from "./kafkajs_tail.ts";
import { LogThrottle } from "./log_throttle.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { Resends } from "./resends.ts";
import type {
  Bounds,
  ConsumeOptions,
  Consumption,
  ProduceOptions,
  Reading,
  ReadOptions,
  TailOptions,
  TopicSpec,
  Transport,
} from "./transport.ts";

const CONNECTION_TIMEOUT_MS = 5_000;
/** A request that is this late is sent again over a new connection. */
const REQUEST_TIMEOUT_MS = 3_000;
/** Partitions that are added while it runs are found after this time at the latest. */
const METADATA_MS = 3_000;
/** How long a record is sent again where nothing else is said. */
const PRODUCE_MS = 5_000;
/** While no broker can be reached at the start: minimum interval between log lines. */
const WARN_INTERVAL_MS = 10_000;
/** Most milliseconds for records under way and for goodbyes on close. */
const CLOSE_MS = 3_000;
/** A library's retry between ours would only hide what fails. */
const ONCE: RetryLimits = { retries: 0 };
const A_FEW_TIMES: RetryLimits = { retries: 3, initialRetryTime: 50, maxRetryTime: 500 };

/** The transport over Apache Kafka, by way of kafkajs. */
export class KafkaTransport implements Transport {
  readonly address: string;
  readonly #options: ConnectionOptions;
  readonly #logger: Logger;
  readonly #background: boolean;
  readonly #opened: OpenKafka[] = [];
  /** Reads and memberships: they would connect again by themselves after a close. */
  readonly #running = new Set<AsyncDisposable>();
  readonly #closing = new AbortController();
  readonly #unreached: LogThrottle;
  readonly #admin: KafkaAdmin;
  readonly #producer: Producer;
  readonly #batcher: Batcher;
  readonly #resends = new Resends();
  #connected = false;
  #closed: Promise<void> | undefined;

  /**
   * Creates a transport; {@linkcode KafkaTransport.connect} connects it.
   *
   * @param options How to reach the cluster.
   * @param role `background`: whether open connections leave the process free to end.
   */
  constructor(options: ConnectionOptions, role: { background: boolean }) {
    this.#options = options;
    this.#background = role.background;
    this.#logger = options.logger ?? silentLogger;
    this.address = brokerList(options.brokers).join(",");
    this.#unreached = new LogThrottle(this.#logger, { intervalMs: WARN_INTERVAL_MS });
    this.#admin = new KafkaAdmin(this.#open(ONCE), {
      address: this.address,
      logger: this.#logger,
      unreached: (error) => this.#warnUnreached(error),
      closing: this.#closing.signal,
    });
    this.#producer = this.#openProducer();
    this.#batcher = new Batcher((records) => this.#send(records), {
      maxRecords: 500,
      maxBytes: 900_000,
      maxInFlight: 4,
      splits: (error) => (error as RpcError).code === "resource_exhausted",
    });
  }

  #openProducer(): Producer {
    // Never more than once inside the library: where one leader of a send has answered and another
    // has moved to that same broker, its own retry leaves the moved partitions out, and resolves.
    const open = this.#open(ONCE);
    const producer = open.kafka.producer({
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_MS,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    // kafkajs keeps a connection that no longer answers; the next attempt gets a new one.
    producer.on(producer.events.REQUEST_TIMEOUT, () => open.destroySockets());
    return producer;
  }

  async connect(bounds: Bounds = {}): Promise<void> {
    const { timeoutMs = Infinity, signal } = bounds;
    const end = performance.now() + timeoutMs;
    const delay = backoff({ firstMs: 100, maxMs: 1_000 });
    let failure: RpcError | undefined;
    while (true) {
      const left = end - performance.now();
      try {
        // An attempt that is cut short says less than the one before it.
        const noAnswer = () => failure ?? new Error("no answer");
        return await bounded(this.#connectOnce(), { signal, timeoutMs: left }, noAnswer);
      } catch (error) {
        signal?.throwIfAborted();
        this.#closing.signal.throwIfAborted();
        failure = kafkaError(error, `connect to Kafka at ${this.address}`);
        const wait = delay();
        if (isFinal(failure)) throw failure;
        if (performance.now() + wait >= end) throw this.#unreachable(failure, timeoutMs);
        this.#warnUnreached(failure);
        await pause(wait, { signal: signal ?? this.#closing.signal });
      }
    }
  }

  async #connectOnce(): Promise<void> {
    await this.#admin.connect();
    // Whoever wanted it may have given up meanwhile.
    this.#closing.signal.throwIfAborted();
    await this.#producer.connect();
    this.#connected = true;
  }

  /** At once, not when the time is over: whoever looks at the log then can correct the address. */
  #warnUnreached(error: RpcError): void {
    this.#unreached.log("Kafka cannot be reached, trying again", { address: this.address, error });
  }

  #unreachable(failure: RpcError, timeoutMs: number): RpcError {
    const reason = (Object(failure.cause) as Error).message ?? failure.message;
    return new RpcError(
      "unavailable",
      `Cannot connect to Kafka at ${this.address}: ${reason} (tried for ${timeoutMs} ms). ` +
        connectAdvice(reason),
      { cause: failure.cause },
    );
  }

  ensureTopics(topics: readonly TopicSpec[], options: { create: boolean }): Promise<void> {
    return this.#admin.ensureTopics(topics, options);
  }

  partitionsOf(topic: string): Promise<number> {
    return this.#admin.partitionsOf(topic);
  }

  groupIsLive(group: string): Promise<boolean | undefined> {
    return this.#admin.groupIsLive(group);
  }

  async produce(record: OutgoingRecord, options: ProduceOptions = {}): Promise<void> {
    const { until = Date.now() + PRODUCE_MS, onRetry } = options;
    const delay = backoff({ firstMs: 50, maxMs: 1_000 });
    while (true) {
      try {
        return await this.#batcher.add(record);
      } catch (error) {
        const left = until - Date.now();
        if (left <= 0 || !isPassing(error as RpcError)) throw error;
        onRetry?.(error);
        const { signal = this.#closing.signal } = options;
        const background = this.#background;
        await this.#resends.wait(delay(), { until, signal, background });
        if (signal.aborted || this.#closing.signal.aborted) throw error;
      }
    }
  }

  async #send(records: readonly OutgoingRecord[]): Promise<void> {
    const topic = records[0]!.topic;
    try {
      const sent = await this.#producer.send({ topic, messages: records.map(outgoing) });
      // For a partition that it does not know yet, the library drops a record without a word.
      const partitions = new Set(sent.map(({ partition }) => partition));
      const dropped = records.find(({ partition }) => {
        return partition !== undefined && !partitions.has(partition);
      });
      if (dropped !== undefined) throw new Error(`partition ${dropped.partition} is not known yet`);
      this.#resends.succeeded();
    } catch (error) {
      this.#resends.failed();
      this.#logger.debug("records could not be sent", { topic, records: records.length, error });
      throw kafkaError(error, `send to ${topic}`);
    }
  }

  read(options: ReadOptions): Promise<Reading> {
    return this.#keep(PartitionReader.start(this.#open(ONCE), options, this.#logger));
  }

  async readTail(options: TailOptions): Promise<void> {
    const open = this.#open(ONCE);
    try {
      await readTail(open, options);
    } finally {
      await open.destroySockets();
      this.#opened.splice(this.#opened.indexOf(open), 1);
    }
  }

  consume(options: ConsumeOptions): Promise<Consumption> {
    return this.#keep(GroupMember.join(this.#open(A_FEW_TIMES), options, this.#logger));
  }

  async #keep<T extends AsyncDisposable>(starting: Promise<T>): Promise<T> {
    const started = await starting;
    this.#running.add(started);
    if (this.#closing.signal.aborted) await started[Symbol.asyncDispose]();
    return started;
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#closing.abort(new RpcError("canceled", "Cannot go on: the transport is closed."));
    await Promise.all([...this.#running].map((running) => running[Symbol.asyncDispose]()));
    const goodbye = async () => {
      if (!this.#connected) return;
      await this.#batcher.idle();
      await Promise.all([this.#producer.disconnect(), this.#admin.disconnect()]);
    };
    try {
      await bounded(goodbye(), { timeoutMs: CLOSE_MS }, () => new Error("no answer"));
    } catch (error) {
      this.#logger.debug("connections are cut without goodbye", { error });
    }
    await Promise.all(this.#opened.map((open) => open.destroySockets()));
    this.#unreached.close();
  }

  #open(retry: RetryLimits): OpenKafka {
    const { clientId = "kafka-rpc", ssl, sasl, brokers } = this.#options;
    const open = openKafka({
      brokers: [...brokerList(brokers)],
      clientId,
      ...(ssl === undefined ? {} : { ssl: ssl as NonNullable<KafkaConfig["ssl"]> }),
      // A copy for each: the library writes what it makes of the credentials into the object.
      ...(sasl === undefined ? {} : { sasl: { ...sasl } as SASLOptions }),
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry,
      logLevel: logLevel.WARN,
      // The library logs what it then retries or throws: nothing a user can act on.
      logCreator: () => ({ namespace, log }) => {
        this.#logger.debug(`kafkajs ${namespace}: ${log.message}`, { error: log["error"] });
      },
    }, { background: this.#background });
    this.#opened.push(open);
    return open;
  }
}
