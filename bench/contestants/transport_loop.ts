/**
 * Two hops over the transport of this package, without any code of RPC: what the transport itself
 * takes.
 *
 * @module
 */
import { KafkaTransport } from "../../src/transport/kafka/kafka_transport.ts";
import type { KafkaProtocol } from "../../src/transport/kafka/port.ts";
import { type Caller, type Contestant, rawValue, type Setting } from "./contestant.ts";
import { Pending } from "./pending.ts";

const JOIN_WITHIN_MS = 30_000;

async function open({ brokers }: Setting, protocol: KafkaProtocol): Promise<KafkaTransport> {
  const transport = new KafkaTransport({ brokers }, { background: false, protocol });
  await transport.connect({ timeoutMs: JOIN_WITHIN_MS });
  return transport;
}

/** The loop over the transport with one of the libraries. */
export function transportLoop(load: () => Promise<KafkaProtocol>): Contestant {
  return {
    serve: async (setting) => {
      const { topic } = setting;
      const transport = await open(setting, await load());
      const consumption = await transport.consume({
        topic,
        group: `${topic}-servers`,
        timeoutMs: JOIN_WITHIN_MS,
        ready: () => undefined,
        onAssigned: () => {},
        onRecord: ({ key, value }) => {
          const reply = { topic: `${topic}_results`, partition: 0, key, value, headers: {} };
          void transport.produce(reply);
        },
      });
      return {
        async [Symbol.asyncDispose]() {
          await consumption.close();
          await transport.close();
        },
      };
    },
    connect: async (setting): Promise<Caller> => {
      const { topic } = setting;
      const transport = await open(setting, await load());
      const pending = new Pending();
      const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
      const value = rawValue(setting);
      await transport.read({
        topic: `${topic}_results`,
        partition: 0,
        onRecord: ({ key }) => pending.settle(decoder.decode(key ?? undefined)),
      });
      const send = (id: string) =>
        transport.produce({ topic, key: encoder.encode(id), value, headers: {} });
      return { call: () => pending.call(send), [Symbol.asyncDispose]: () => transport.close() };
    },
  };
}
