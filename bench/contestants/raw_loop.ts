/**
 * Two hops over a library's own producers and consumers, without any code of this package. One side
 * sends a record, the other sends it back.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { BatchSender } from "./batch_sender.ts";
import { type Caller, type Contestant, rawValue, type Setting } from "./contestant.ts";
import { Pending } from "./pending.ts";

/** Sends one record; settles as its request does. */
export type Send<Message> = (message: Message) => Promise<unknown>;

/** How a library is used; `Message` is its record. */
export interface RawClient<Message> {
  /** Makes a record. */
  message(id: string, value: Buffer): Message;
  /** Id of a record that has come. */
  idOf(message: Message): string;
  /** Opens what sends to a topic. */
  openProducer(
    setting: Setting,
    topic: string,
    parts: AsyncDisposableStack,
  ): Promise<Send<Message>> | Send<Message>;
  /** Opens what reads a topic, from its beginning. */
  openConsumer(
    plan: ConsumerPlan,
    parts: AsyncDisposableStack,
    onMessage: (message: Message) => void,
  ): Promise<void>;
}

/** What a consumer is opened with. */
export interface ConsumerPlan {
  readonly brokers: string[];
  readonly topic: string;
  readonly groupId: string;
}

/** The loop over a library: servers share a group, each client has one of its own. */
export function rawLoop<Message>(client: RawClient<Message>): Contestant {
  return {
    serve: async (setting) => {
      const { topic } = setting;
      const brokers = [...setting.brokers];
      const parts = new AsyncDisposableStack();
      const send = await client.openProducer(setting, `${topic}_results`, parts);
      const plan = { brokers, topic, groupId: `${topic}-servers` };
      await client.openConsumer(plan, parts, (message) => void send(message));
      return parts;
    },
    connect: async (setting): Promise<Caller> => {
      const brokers = [...setting.brokers];
      const topic = `${setting.topic}_results`;
      const parts = new AsyncDisposableStack();
      const pending = new Pending();
      const value = Buffer.from(rawValue(setting));
      const plan = { brokers, topic, groupId: `${topic}-${crypto.randomUUID()}` };
      await client.openConsumer(plan, parts, (message) => pending.settle(client.idOf(message)));
      const send = await client.openProducer(setting, setting.topic, parts);
      return {
        call: () => pending.call((id) => send(client.message(id, value))),
        [Symbol.asyncDispose]: () => parts.disposeAsync(),
      };
    },
  };
}

/** A request for each record, or one for all that are sent at the same time. */
export function sendBy<Message extends { readonly value: Uint8Array }>(
  send: (messages: Message[]) => Promise<unknown>,
  batches: boolean,
): Send<Message> {
  if (!batches) return (message) => send([message]);
  const sender = new BatchSender(send);
  return (message) => sender.add(message);
}
