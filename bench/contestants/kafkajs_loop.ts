/**
 * The raw loop over kafkajs, as its own documentation has producers and consumers.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { Kafka, logLevel, Partitioners } from "../../tools/quiet_kafkajs.ts";
import type { Contestant } from "./contestant.ts";
import { rawLoop, sendBy } from "./raw_loop.ts";

interface Message {
  readonly key: string;
  readonly value: Buffer;
}

interface KafkaMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** How it is used. */
interface Tuning {
  /** Whether records that are sent, or have come, at the same time are handled together. */
  readonly batches: boolean;
  /** As in Kafka: -1 for all replicas. */
  readonly acks: number;
}

function kafka(brokers: readonly string[]): Kafka {
  return new Kafka({ brokers: [...brokers], clientId: "bench", logLevel: logLevel.NOTHING });
}

function loop({ batches, acks }: Tuning): Contestant {
  return rawLoop<Message>({
    message: (key, value) => ({ key, value }),
    idOf: ({ key }) => key,
    openProducer: async ({ brokers }, topic, parts) => {
      const createPartitioner = Partitioners.DefaultPartitioner;
      const producer = kafka(brokers).producer({ createPartitioner });
      await producer.connect();
      parts.defer(() => producer.disconnect());
      return sendBy((messages) => producer.send({ topic, acks, messages }), batches);
    },
    openConsumer: async ({ brokers, topic, groupId }, parts, onMessage) => {
      const consumer = kafka(brokers).consumer({ groupId });
      await consumer.connect();
      parts.defer(() => consumer.disconnect());
      const joined = Promise.withResolvers<void>();
      consumer.on("consumer.group_join", () => joined.resolve());
      await consumer.subscribe({ topic, fromBeginning: true });
      const take = ({ key, value }: KafkaMessage) =>
        onMessage({ key: key!.toString(), value: value! });
      const eachMessage = ({ message }: { message: KafkaMessage }) =>
        Promise.resolve(take(message));
      const eachBatch = ({ batch }: { batch: { messages: KafkaMessage[] } }) =>
        Promise.resolve(batch.messages.forEach(take));
      await consumer.run(batches ? { eachBatch } : { eachMessage });
      await joined.promise;
    },
  });
}

/** A request for each record, acknowledged by all replicas: what its defaults do. */
export const kafkajsStock: Contestant = loop({ batches: false, acks: -1 });
/** Batches without waiting, acknowledged by the leader. */
export const kafkajsTuned: Contestant = loop({ batches: true, acks: 1 });
