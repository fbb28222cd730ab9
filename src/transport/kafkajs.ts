/**
 * The transport over Apache Kafka.
 *
 * @module
 */
import { type Admin, logLevel, Partitioners, type Producer, type SASLOptions } from "kafkajs";
import { RpcError } from "../wire/errors.ts";
import type { OutgoingRecord } from "../wire/record.ts";
import { Batcher } from "./batcher.ts";
import { backoff, bounded, pause } from "./bounded.ts";
import { brokerList, type ConnectionOptions } from "./connection_options.ts";
import { isFinal, kafkaError, protocolError } from "./kafkajs_errors.ts";
import { GroupMember } from "./kafkajs_group.ts";
import { type OpenKafka, openKafka } from "./kafkajs_private.ts";
import { PartitionReader } from "./kafkajs_reader.ts";
import { outgoing } from "./kafkajs_record.ts";
import { type Logger, silentLogger } from "./logger.ts";
import type {
  Bounds,
  ConsumeOptions,
  Consumption,
  Reading,
  ReadOptions,
  TopicSpec,
  Transport,
} from "./transport.ts";

const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Most milliseconds for records under way and for goodbyes on close. */
const CLOSE_MS = 3_000;

/** The transport over Apache Kafka, by way of kafkajs. */
export class KafkaTransport implements Transport {
  readonly address: string;
  readonly #options: ConnectionOptions;
  readonly #logger: Logger;
  readonly #background: boolean;
  readonly #opened: OpenKafka[] = [];
  readonly #admin: Admin;
  readonly #producer: Producer;
  readonly #batcher: Batcher;
  readonly #closing = new AbortController();
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
    // No retries inside: connect() has its own, with an end and an error that says what is wrong.
    this.#admin = this.#open({ retries: 0 }).kafka.admin();
    this.#producer = this.#open({
      retries: 8,
      initialRetryTime: 100,
      maxRetryTime: 1_000,
    })
      .kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
    this.#batcher = new Batcher((records) => this.#send(records), {
      maxRecords: 500,
      maxBytes: 900_000,
      maxInFlight: 4,
      splits: (error) => (error as RpcError).code === "resource_exhausted",
    });
  }

  async connect(bounds: Bounds = {}): Promise<void> {
    const { timeoutMs = Infinity, signal } = bounds;
    const end = performance.now() + timeoutMs;
    const delay = backoff({ firstMs: 100, maxMs: 1_000 });
    while (true) {
      const left = end - performance.now();
      try {
        await bounded(this.#connectOnce(), { signal, timeoutMs: left }, () => {
          return new Error("no answer");
        });
        return;
      } catch (error) {
        signal?.throwIfAborted();
        this.#closing.signal.throwIfAborted();
        const failure = kafkaError(
          error,
          `connect to Kafka at ${this.address}`,
        );
        const wait = delay();
        if (isFinal(failure)) throw failure;
        if (performance.now() + wait >= end) {
          throw this.#unreachable(failure, timeoutMs);
        }
        this.#logger.debug("Kafka cannot be reached yet", {
          address: this.address,
          error,
        });
        await pause(wait, { signal: signal ?? this.#closing.signal });
      }
    }
  }

  async #connectOnce(): Promise<void> {
    await this.#admin.connect();
    await this.#producer.connect();
  }

  #unreachable(failure: RpcError, timeoutMs: number): RpcError {
    const reason = (Object(failure.cause) as Error).message ?? failure.message;
    return new RpcError(
      "unavailable",
      `Cannot connect to Kafka at ${this.address}: ${reason} (tried for ${timeoutMs} ms). ` +
        "Start a broker there, or give the right address in `brokers` or KAFKA_BROKERS.",
      { cause: failure.cause },
    );
  }

  async ensureTopics(
    topics: readonly TopicSpec[],
    options: { create: boolean },
  ): Promise<void> {
    const existing = new Set(
      await this.#ask("list the topics", () => this.#admin.listTopics()),
    );
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    if (missing.length === 0) return;
    if (!options.create) throw this.#missing(missing);
    const names = missing.map(({ topic }) => topic).join(", ");
    try {
      await this.#admin.createTopics({
        waitForLeaders: true,
        topics: missing.map((
          { topic, partitions = 1, replicationFactor = -1 },
        ) => ({
          topic,
          numPartitions: partitions,
          replicationFactor,
        })),
      });
    } catch (error) {
      // Two programs that start together both create them; the second finds them there.
      const reasons = (error as { errors?: unknown[] }).errors ?? [error];
      const failed = reasons.find((reason) => protocolError(reason) !== "TOPIC_ALREADY_EXISTS");
      if (failed !== undefined) {
        throw kafkaError(failed, `create the topics ${names}`);
      }
    }
    this.#logger.info("topics created", { topics: names });
  }

  #missing(topics: readonly TopicSpec[]): RpcError {
    const names = topics.map(({ topic }) => topic);
    const commands = names.map((topic) =>
      `kafka-topics.sh --bootstrap-server ${this.address} --create --topic ${topic} --partitions 1`
    );
    return new RpcError(
      "failed_precondition",
      `Cannot use the topic ${names.join(" and ")}: it does not exist and \`createTopics\` is ` +
        `off. Turn it on, or run: ${commands.join(" && ")}`,
      { details: { topics: names } },
    );
  }

  async partitionsOf(topic: string): Promise<number> {
    const what = `read the metadata of ${topic}`;
    const { topics } = await this.#ask(
      what,
      () => this.#admin.fetchTopicMetadata({ topics: [topic] }),
    );
    return topics[0]?.partitions.length ?? 0;
  }

  /** Asks the cluster, again while a topic has no leader yet: a second at most after it was created. */
  async #ask<T>(what: string, question: () => Promise<T>): Promise<T> {
    const delay = backoff({ firstMs: 50, maxMs: 500 });
    for (let attempt = 1;; attempt++) {
      try {
        return await bounded(
          question(),
          { timeoutMs: REQUEST_TIMEOUT_MS },
          () => {
            return new Error("no answer in time");
          },
        );
      } catch (error) {
        const failure = kafkaError(error, what);
        if (attempt === 5 || isFinal(failure)) throw failure;
        await pause(delay(), this.#closing);
      }
    }
  }

  produce(record: OutgoingRecord): Promise<void> {
    return this.#batcher.add(record);
  }

  async #send(records: readonly OutgoingRecord[]): Promise<void> {
    const topic = records[0]!.topic;
    try {
      await this.#producer.send({ topic, messages: records.map(outgoing) });
    } catch (error) {
      throw kafkaError(error, `send to ${topic}`);
    }
  }

  read(options: ReadOptions): Promise<Reading> {
    const open = this.#open({
      retries: 1,
      initialRetryTime: 100,
      maxRetryTime: 500,
    });
    return PartitionReader.start(open, options, this.#logger);
  }

  consume(options: ConsumeOptions): Promise<Consumption> {
    const open = this.#open({
      retries: 5,
      initialRetryTime: 100,
      maxRetryTime: 1_000,
    });
    return GroupMember.join(open.kafka, options, this.#logger);
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#closing.abort(
      new RpcError("canceled", "Cannot go on: the transport is closed."),
    );
    const goodbye = async () => {
      await this.#batcher.idle();
      await Promise.all([
        this.#producer.disconnect(),
        this.#admin.disconnect(),
      ]);
    };
    try {
      await bounded(
        goodbye(),
        { timeoutMs: CLOSE_MS },
        () => new Error("no answer"),
      );
    } catch (error) {
      this.#logger.debug("connections are cut without goodbye", { error });
    }
    await Promise.all(this.#opened.map((open) => open.destroySockets()));
  }

  #open(
    retry: {
      retries: number;
      initialRetryTime?: number;
      maxRetryTime?: number;
    },
  ): OpenKafka {
    const { clientId = "kafka-rpc", ssl, sasl, brokers } = this.#options;
    const open = openKafka({
      brokers: brokerList(brokers),
      clientId,
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry,
      logLevel: logLevel.WARN,
      // The library logs what it then retries or throws: nothing a user can act on.
      logCreator: () => ({ namespace, log }) => {
        this.#logger.debug(`kafkajs ${namespace}: ${log.message}`, {
          error: log["error"],
        });
      },
    }, { background: this.#background });
    this.#opened.push(open);
    return open;
  }
}
