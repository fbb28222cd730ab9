/**
 * Two hops over kafkajs itself, as its own documentation has producers and consumers, without any
 * code of this package. One side sends a record, the other sends it back.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Kafka, logLevel, Partitioners } from "../../tools/quiet_kafkajs.ts";
import { BatchSender } from "./batch_sender.ts";
import { type Caller, type Contestant, rawValue, type Setting } from "./contestant.ts";
import { Pending } from "./pending.ts";

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

const STOCK: Tuning = { batches: false, acks: -1 };
const TUNED: Tuning = { batches: true, acks: 1 };

function loop(tuning: Tuning): Contestant {
  return {
    serve: async (setting) => {
      const { topic } = setting;
      const parts = new AsyncDisposableStack();
      const send = await openProducer(setting, `${topic}_results`, tuning, parts);
      await openConsumer(setting, topic, tuning, parts, (message) => void send(message));
      return parts;
    },
    connect: async (setting): Promise<Caller> => {
      const { topic } = setting;
      const parts = new AsyncDisposableStack();
      const pending = new Pending();
      const value = Buffer.from(rawValue(setting));
      await openConsumer(setting, `${topic}_results`, tuning, parts, ({ key }) => {
        pending.settle(key);
      });
      const send = await openProducer(setting, topic, tuning, parts);
      return {
        call: () => pending.call((key) => send({ key, value })),
        [Symbol.asyncDispose]: () => parts.disposeAsync(),
      };
    },
  };
}

function kafka({ brokers }: Setting): Kafka {
  return new Kafka({ brokers: [...brokers], clientId: "bench", logLevel: logLevel.NOTHING });
}

async function openProducer(
  setting: Setting,
  topic: string,
  { batches, acks }: Tuning,
  parts: AsyncDisposableStack,
): Promise<(message: Message) => Promise<unknown>> {
  const createPartitioner = Partitioners.DefaultPartitioner;
  const producer = kafka(setting).producer({ createPartitioner });
  await producer.connect();
  parts.defer(() => producer.disconnect());
  const send = (messages: Message[]) => producer.send({ topic, acks, messages });
  if (!batches) return (message) => send([message]);
  const sender = new BatchSender(send);
  return (message) => sender.add(message);
}

async function openConsumer(
  setting: Setting,
  topic: string,
  { batches }: Tuning,
  parts: AsyncDisposableStack,
  onMessage: (message: Message) => void,
): Promise<void> {
  const groupId = topic === setting.topic ? `${topic}-servers` : `${topic}-${crypto.randomUUID()}`;
  const consumer = kafka(setting).consumer({ groupId });
  await consumer.connect();
  parts.defer(() => consumer.disconnect());
  const joined = Promise.withResolvers<void>();
  consumer.on("consumer.group_join", () => joined.resolve());
  await consumer.subscribe({ topic, fromBeginning: true });
  const take = ({ key, value }: KafkaMessage) => onMessage({ key: key!.toString(), value: value! });
  const eachMessage = ({ message }: { message: KafkaMessage }) => Promise.resolve(take(message));
  const eachBatch = ({ batch }: { batch: { messages: KafkaMessage[] } }) =>
    Promise.resolve(batch.messages.forEach(take));
  await consumer.run(batches ? { eachBatch } : { eachMessage });
  await joined.promise;
}

/** A request for each record, acknowledged by all replicas: what its defaults do. */
export const kafkajsStock: Contestant = loop(STOCK);
/** Batches without waiting, acknowledged by the leader. */
export const kafkajsTuned: Contestant = loop(TUNED);
