// How to reach a cluster.
import {
  type Check,
  flagOr,
  oneOf,
  refuse,
  text,
  wholeNumber,
  withMethods,
} from "../options/check.ts";
import { type Schema, shape } from "../options/shape.ts";
import { brokerAddresses } from "./brokers.ts";
import type { Logger } from "../logging/logger.ts";
import { type KafkaLibrary, protocolBehind } from "./kafka/kafka_library.ts";
import {
  type AskFor,
  type SaslOptions,
  saslOptions,
  type TlsOptions,
  tlsOptions,
} from "./security_options.ts";
import type { Transport } from "./transport.ts";

export type { AskFor, FromFile, SaslOptions, TlsOptions } from "./security_options.ts";

/** How records that are sent are compressed. */
export type Compression = "none" | "gzip" | "zstd";

/** How topics are created. */
export interface TopicOptions {
  /** Partitions of the commands topic, 1 to 2 147 483 647. Default: 4. */
  readonly partitions?: number | undefined;
  /**
   * Partitions of a topic for replies, 1 to 2 147 483 647; each client reads one of them.
   * Default: as many as `partitions` where that is given, else 32.
   */
  readonly resultsPartitions?: number | undefined;
  /** Replicas of each partition, 1 to 32 767. Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number | undefined;
}

/** How to reach a cluster. Shared by {@linkcode serve} and {@linkcode connect}. */
export interface ConnectionOptions {
  /**
   * Bootstrap brokers as `host:port`.
   * Default: the environment variable KAFKA_BROKERS, separated by commas, else `127.0.0.1:9092`.
   */
  readonly brokers?: readonly string[] | undefined;
  /** Name of this program in the broker's logs and quotas. Default: `kafka-rpc`. */
  readonly clientId?: string | undefined;
  /**
   * TLS: true for the system's authorities, or options, or a function that is asked for them at each
   * new connection. Default: none.
   */
  readonly ssl?: boolean | TlsOptions | AskFor<TlsOptions> | undefined;
  /**
   * Authentication, or a function that is asked for it at each new connection. Default: none.
   */
  readonly sasl?: SaslOptions | AskFor<SaslOptions> | undefined;
  /**
   * Most milliseconds to wait for a broker at the start, 1 to 2 147 483 647, or
   * Infinity to wait quietly until `signal` aborts. Default: 10 000.
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Whether missing topics are created: true, false, or how. A topic that exists is never changed;
   * where it has fewer partitions than this, the log says so. Those for cancellations and for dead
   * letters have one. Default: true.
   */
  readonly createTopics?: boolean | TopicOptions | undefined;
  /**
   * How what is sent is compressed: `gzip`, or `zstd`, which takes brokers from Kafka 2.1 on. Records
   * that are sent together are compressed together, where they have 1 024 bytes or more and get
   * smaller by it. The other side needs no option. Default: `none`.
   */
  readonly compression?: Compression | undefined;
  /**
   * Most bytes that a compressed batch of records may unpack to, 1 024 to 2 147 483 647. A batch of
   * more is passed like one that can't be read: with a line in the log, counted as malformed.
   * A reader may hold twice as much for a moment. Default: 33 554 432 (32 MiB).
   */
  readonly maxUnpackedBytes?: number | undefined;
  /**
   * Takes log lines. Default: a server writes `info` and above to standard
   * error, a client nothing.
   */
  readonly logger?: Logger | undefined;
  /**
   * Library that encodes and decodes Kafka's protocol, for example the one that `platformatic()` of
   * `@kafka-rpc/deno/platformatic` gives. Default: kafkajs, which is built in.
   */
  readonly library?: KafkaLibrary | undefined;
  /**
   * Another transport instead of Kafka, for example the one of
   * `@kafka-rpc/deno/memory` in tests. It is closed with the client or server.
   */
  readonly transport?: Transport | undefined;
}

const kafkaLibraryOption: Check<KafkaLibrary> = (value, name) => {
  if (protocolBehind(value) !== undefined) return value as KafkaLibrary;
  const reason = value instanceof Promise
    ? "it is a promise"
    : "it does not come from this version of this package";
  const advice = "Give `await platformatic()` of @kafka-rpc/deno/platformatic, or leave it out.";
  return refuse(name, reason, advice);
};

/** A check for each of them; a side adds its own. */
export const CONNECTION: Schema<ConnectionOptions> = {
  brokers: brokerAddresses,
  clientId: text,
  ssl: tlsOptions,
  sasl: saslOptions,
  connectTimeoutMs: wholeNumber({ orInfinity: true }),
  createTopics: flagOr(shape<TopicOptions>({
    partitions: wholeNumber(),
    resultsPartitions: wholeNumber(),
    replicationFactor: wholeNumber({ to: 32_767 }),
  }, { example: "true, false or { partitions: 12 }" })),
  compression: oneOf(["none", "gzip", "zstd"]),
  maxUnpackedBytes: wholeNumber({ from: 1_024 }),
  logger: withMethods<Logger>(
    { debug: true, info: true, warn: true, error: true },
    "Give an object with the methods debug, info, warn and error, for example `console` or " +
      "stderrLogger().",
  ),
  library: kafkaLibraryOption,
  transport: withMethods<Transport>(
    {
      connect: true,
      ensureTopics: true,
      partitionsOf: true,
      produce: true,
      readTail: true,
      groupIsLive: true,
      read: true,
      consume: true,
      close: true,
    },
    "Leave it out to use Kafka; in tests give what `transport()` of a MemoryBroker gives.",
  ),
};
