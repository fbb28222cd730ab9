// A connected transport with its topics in place.
import { clock } from "../async/clock.ts";
import { DEFAULT_CONNECT_TIMEOUT_MS } from "../options/defaults.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { protocolBehind } from "./kafka/kafka_library.ts";
import { KafkaTransport } from "./kafka/kafka_transport.ts";
import { kafkajsProtocol } from "./kafka/kafkajs/protocol.ts";
import { type Logger, silentLogger } from "../logging/logger.ts";
import { type NamedTopic, topicShape } from "./topic_shapes.ts";
import type { Bounds, TopicRight, TopicSpec, Transport } from "./transport.ts";

export interface OpenTransportOptions {
  /** Topics that must be there, created as `createTopics` says; each once. */
  readonly topics: Iterable<NamedTopic>;
  /** What is done with which of them. Default: nothing that needs a right. */
  readonly rights?: Readonly<Record<TopicRight, readonly (string | undefined)[]>> | undefined;
  /** Whether open connections leave the process free to end. */
  readonly background: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Connects to a cluster and makes sure that topics exist. The receiver of the transport closes it.
 *
 * @throws {RpcError} As `Transport.connect` and `Transport.ensureTopics`.
 */
export async function openTransport(
  connection: ConnectionOptions,
  options: OpenTransportOptions,
): Promise<Transport> {
  const { signal, background } = options;
  const { connectTimeoutMs: timeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, createTopics = true } =
    connection;
  const shape = typeof createTopics === "object" ? createTopics : {};
  signal?.throwIfAborted();
  const end = clock.now() + timeoutMs;
  const transport = connection.transport ??
    new KafkaTransport(connection, {
      background,
      protocol: protocolBehind(connection.library) ?? kafkajsProtocol,
    });
  try {
    await transport.connect({ signal, timeoutMs });
    const topics = [...new Map(options.topics)].flatMap(([topic, role]) =>
      topic === undefined
        ? []
        : [{ topic, ...topicShape(role, shape), rights: rightsOn(topic, options.rights) }]
    );
    const create = createTopics !== false;
    await transport.ensureTopics(topics, { create, signal, timeoutMs: end - clock.now() });
    const logger = connection.logger ?? silentLogger;
    const bounds = { signal, timeoutMs: end - clock.now() };
    if (create) await warnOfFewPartitions(transport, topics, { ...bounds, logger });
    signal?.throwIfAborted();
    return transport;
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function rightsOn(topic: string, rights: OpenTransportOptions["rights"]): TopicRight[] {
  return (["Write", "Read"] as const).filter((right) => rights?.[right].includes(topic));
}

/**
 * A topic that exists is never changed: where it was made with fewer partitions, this line explains
 * why more servers do not share more work, and why many clients cost more than they must.
 */
async function warnOfFewPartitions(
  transport: Transport,
  topics: readonly TopicSpec[],
  { logger, ...bounds }: Bounds & { readonly logger: Logger },
): Promise<void> {
  await Promise.all(topics.map(async ({ topic, partitions: asked = 1 }) => {
    if (asked === 1) return; // no topic has fewer
    try {
      const found = await transport.partitionsOf(topic, bounds);
      if (found >= asked) return;
      const what = `kafka-topics.sh --bootstrap-server ${transport.address} --alter --topic ` +
        `${topic} --partitions ${asked}`;
      const text =
        "an existing topic has fewer partitions than createTopics asks for; it is left as it is";
      logger.warn(text, { topic, found, asked, toAddThem: what });
    } catch (error) {
      logger.debug("partitions cannot be counted", { topic, error });
    }
  }));
}
