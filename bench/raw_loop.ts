/**
 * What there is to compare with: two hops over the same Kafka client, without any code of RPC.
 * One side sends a record, the other sends it back.
 *
 * @module
 */
import { KafkaTransport } from "../src/transport/kafka/kafka_transport.ts";
import { kafkajsProtocol } from "../src/transport/kafka/kafkajs/protocol.ts";
import { topicShape } from "../src/transport/topic_shapes.ts";
import type { Caller } from "./contestant.ts";

const JOIN_WITHIN_MS = 30_000;
const VALUE = new TextEncoder().encode(JSON.stringify({ a: 1, b: 2 }));

async function open(topic: string): Promise<KafkaTransport> {
  const transport = new KafkaTransport({}, { background: false, protocol: kafkajsProtocol });
  await transport.connect({ timeoutMs: JOIN_WITHIN_MS });
  // As many partitions as the topics of an RPC have.
  const topics = [
    { topic, ...topicShape("commands", {}) },
    { topic: `${topic}_results`, ...topicShape("results", {}) },
  ];
  await transport.ensureTopics(topics, { create: true });
  return transport;
}

/** The side that sends back. */
export async function serveRaw(topic: string): Promise<AsyncDisposable> {
  const transport = await open(topic);
  const consumption = await transport.consume({
    topic,
    group: `${topic}-servers`,
    timeoutMs: JOIN_WITHIN_MS,
    ready: () => undefined,
    onAssigned: () => {},
    onRecord: ({ key, value }) => {
      void transport.produce({ topic: `${topic}_results`, partition: 0, key, value, headers: {} });
    },
  });
  return {
    async [Symbol.asyncDispose]() {
      await consumption.close();
      await transport.close();
    },
  };
}

/** The side that sends, and waits for what comes back. */
export async function callRaw(topic: string): Promise<Caller> {
  const transport = await open(topic);
  const waiting = new Map<string, () => void>();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  await transport.read({
    topic: `${topic}_results`,
    partition: 0,
    onRecord: ({ key }) => {
      const id = decoder.decode(key ?? undefined);
      waiting.get(id)?.();
      waiting.delete(id);
    },
  });
  return {
    call: () => {
      const id = crypto.randomUUID();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.set(id, resolve);
      transport.produce({ topic, key: encoder.encode(id), value: VALUE, headers: {} })
        .catch(reject);
      return promise;
    },
    [Symbol.asyncDispose]: () => transport.close(),
  };
}
