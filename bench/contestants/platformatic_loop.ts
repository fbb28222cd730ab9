/**
 * The raw loop over the producers and consumers of @platformatic/kafka.
 *
 * @module
 */
import { Consumer, MessagesStreamModes, ProduceAcks, Producer } from "@platformatic/kafka";
import { Buffer } from "node:buffer";
import type { Contestant } from "./contestant.ts";
import { rawLoop, sendBy } from "./raw_loop.ts";

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

function loop({ batches, acks, autocommit }: Tuning): Contestant {
  return rawLoop<Message>({
    message: (id, value) => ({ key: Buffer.from(id), value }),
    idOf: ({ key }) => key.toString(),
    openProducer: ({ brokers }, topic, parts) => {
      const producer = new Producer({ clientId: "bench", bootstrapBrokers: [...brokers] });
      parts.defer(() => producer.close());
      const inTopic = (message: Message) => ({ topic, ...message });
      return sendBy(
        (messages) => producer.send({ acks, messages: messages.map(inTopic) }),
        batches,
      );
    },
    openConsumer: async ({ brokers: bootstrapBrokers, topic, groupId }, parts, onMessage) => {
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
    },
  });
}

/** A request for each record, acknowledged by all replicas; a commit after each fetch. */
export const platformaticStock: Contestant = loop({
  batches: false,
  acks: ProduceAcks.ALL,
  autocommit: true,
});
/** Batches without waiting, acknowledged by the leader; a commit a second. */
export const platformaticTuned: Contestant = loop({
  batches: true,
  acks: ProduceAcks.LEADER,
  autocommit: 1_000,
});
