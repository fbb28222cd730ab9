/**
 * Two hops over the producers and consumers of @platformatic/kafka itself, without any code of this
 * package. One side sends a record, the other sends it back.
 *
 * @module
 */
import { Consumer, MessagesStreamModes, ProduceAcks, Producer } from "@platformatic/kafka";
import { Buffer } from "node:buffer";
import { BatchSender } from "./batch_sender.ts";
import { type Caller, type Contestant, rawValue, type Setting } from "./contestant.ts";
import { Pending } from "./pending.ts";

interface Message {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** How it is used. */
interface Tuning {
  /** Whether records that are sent at the same time go in one request. */
  readonly batches: boolean;
  readonly acks: (typeof ProduceAcks)[keyof typeof ProduceAcks];
  /** Milliseconds between commits; true: one after each fetch. */
  readonly autocommit: true | number;
}

const STOCK: Tuning = { batches: false, acks: ProduceAcks.ALL, autocommit: true };
const TUNED: Tuning = { batches: true, acks: ProduceAcks.LEADER, autocommit: 1_000 };

function loop(tuning: Tuning): Contestant {
  return {
    serve: async (setting) => {
      const { topic } = setting;
      const parts = new AsyncDisposableStack();
      const send = openProducer(setting, `${topic}_results`, tuning, parts);
      await openConsumer(setting, topic, tuning, parts, (message) => void send(message));
      return parts;
    },
    connect: async (setting): Promise<Caller> => {
      const { topic } = setting;
      const parts = new AsyncDisposableStack();
      const pending = new Pending();
      const value = Buffer.from(rawValue(setting));
      await openConsumer(setting, `${topic}_results`, tuning, parts, ({ key }) => {
        pending.settle(key.toString());
      });
      const send = openProducer(setting, topic, tuning, parts);
      return {
        call: () => pending.call((id) => send({ key: Buffer.from(id), value })),
        [Symbol.asyncDispose]: () => parts.disposeAsync(),
      };
    },
  };
}

function openProducer(
  { brokers }: Setting,
  topic: string,
  { batches, acks }: Tuning,
  parts: AsyncDisposableStack,
): (message: Message) => Promise<unknown> {
  const producer = new Producer({ clientId: "bench", bootstrapBrokers: [...brokers] });
  parts.defer(() => producer.close());
  const send = (messages: Message[]) =>
    producer.send({ acks, messages: messages.map((message) => ({ topic, ...message })) });
  if (!batches) return (message) => send([message]);
  const sender = new BatchSender(send);
  return (message) => sender.add(message);
}

async function openConsumer(
  setting: Setting,
  topic: string,
  { autocommit }: Tuning,
  parts: AsyncDisposableStack,
  onMessage: (message: Message) => void,
): Promise<void> {
  const groupId = topic === setting.topic ? `${topic}-servers` : `${topic}-${crypto.randomUUID()}`;
  const bootstrapBrokers = [...setting.brokers];
  const consumer = new Consumer({ clientId: "bench", bootstrapBrokers, groupId });
  parts.defer(() => consumer.close(true));
  const stream = await consumer.consume({
    topics: [topic],
    autocommit,
    mode: MessagesStreamModes.EARLIEST, // the topic is new: nothing is passed
  });
  stream.on("data", ({ key, value }: Message) => onMessage({ key, value }));
  stream.on("error", (error: Error) => {
    throw error;
  });
}

/** A request for each record, acknowledged by all replicas; a commit after each fetch. */
export const platformaticStock: Contestant = loop(STOCK);
/** Batches without waiting, acknowledged by the leader; a commit a second. */
export const platformaticTuned: Contestant = loop(TUNED);
