/**
 * How to reach a cluster.
 *
 * @module
 */
import { RpcError } from "../wire/errors.ts";
import type { Logger } from "./logger.ts";
import type { Transport } from "./transport.ts";

/** TLS towards the brokers, as node:tls takes it; everything in PEM. */
export interface TlsOptions {
  /** Authorities to trust instead of the system's. */
  readonly ca?: string | string[];
  /** Certificate of this program. */
  readonly cert?: string;
  /** Private key of this program. */
  readonly key?: string;
  /** Passphrase of the private key. */
  readonly passphrase?: string;
  /** Name that the broker's certificate must have. Default: the broker's host name. */
  readonly servername?: string;
  /** False trusts any certificate: for tests only. Default: true. */
  readonly rejectUnauthorized?: boolean;
}

/** How this program proves who it is. */
export type SaslOptions =
  | {
    readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
    readonly username: string;
    readonly password: string;
  }
  | {
    readonly mechanism: "oauthbearer";
    /** Gives a token; asked again before it expires. */
    readonly oauthBearerProvider: () => Promise<{ value: string }>;
  }
  | {
    readonly mechanism: "aws";
    readonly authorizationIdentity: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };

/** How to reach a cluster. Shared by {@linkcode serve} and {@linkcode connect}. */
export interface ConnectionOptions {
  /**
   * Bootstrap brokers as `host:port`.
   * Default: the environment variable KAFKA_BROKERS, separated by commas, else `127.0.0.1:9092`.
   */
  readonly brokers?: readonly string[] | undefined;
  /** Name of this program in the broker's logs and quotas. Default: `kafka-rpc`. */
  readonly clientId?: string | undefined;
  /** TLS: true for the system's authorities, or options. Default: none. */
  readonly ssl?: boolean | TlsOptions | undefined;
  /** Authentication. Default: none. */
  readonly sasl?: SaslOptions | undefined;
  /**
   * Most milliseconds to wait for a broker at the start, 1 to 2 147 483 647, or
   * Infinity to wait quietly until `signal` aborts. Default: 10 000.
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Whether missing topics are created: true, false, or how.
   * Default: true, with 1 partition and the broker's default replication.
   */
  readonly createTopics?:
    | boolean
    | { readonly partitions?: number; readonly replicationFactor?: number }
    | undefined;
  /**
   * Takes log lines. Default: a server writes `info` and above to standard
   * error, a client nothing.
   */
  readonly logger?: Logger | undefined;
  /**
   * Another transport instead of Kafka, for example the one of
   * `@kafka-rpc/deno/memory` in tests. It is closed with the client or server.
   */
  readonly transport?: Transport | undefined;
}

/**
 * Gives the bootstrap brokers: the option, else KAFKA_BROKERS, else the local default.
 *
 * @param brokers The option as given.
 * @returns At least one `host:port`.
 * @throws {RpcError} `invalid_argument` for one that is not `host:port`.
 */
export function brokerList(brokers: readonly string[] | undefined): string[] {
  if (brokers !== undefined && !Array.isArray(brokers)) {
    throw new RpcError(
      "invalid_argument",
      `Cannot connect: \`brokers\` is ${JSON.stringify(brokers)}. Give a list, for example ` +
        '["127.0.0.1:9092"].',
    );
  }
  const fromEnvironment = brokers === undefined ? environmentBrokers() : undefined;
  const list = (brokers ?? fromEnvironment ?? ["127.0.0.1:9092"]).map((
    broker,
  ) => broker.trim());
  const source = fromEnvironment === undefined ? "`brokers`" : "KAFKA_BROKERS";
  if (list.length === 0) {
    throw new RpcError(
      "invalid_argument",
      `Cannot connect: ${source} is empty. Give "host:port".`,
    );
  }
  for (const broker of list) {
    const port = Number(/^[^\s:/]+:(\d{1,5})$/.exec(broker)?.[1] ?? NaN);
    if (!(port >= 1 && port <= 65_535)) {
      throw new RpcError(
        "invalid_argument",
        `Cannot connect: ${source} has ${JSON.stringify(broker)}. ` +
          'Give "host:port", for example "127.0.0.1:9092"; several are separated by commas.',
      );
    }
  }
  return list;
}

function environmentBrokers(): string[] | undefined {
  // kafkajs reads the environment itself, so the permission is needed anyway.
  const text = Deno.env.get("KAFKA_BROKERS");
  if (text === undefined || text.trim() === "") return undefined;
  return text.split(",").filter((part) => part.trim() !== "");
}
