/**
 * This package, as its users have it.
 *
 * @module
 */
import {
  type Client,
  connect,
  type ConnectOptions,
  type KafkaLibrary,
  serve,
  type ServeOptions,
  stderrLogger,
} from "@kafka-rpc/deno";
import type * as commands from "./commands.ts";
import { type Caller, type Contestant, type Setting, textOf } from "./contestant.ts";

/** What is called, and where it runs. */
export interface RpcPlan {
  /** Options of the server. */
  readonly server: ServeOptions;
  /** Options of the client. */
  readonly client?: ConnectOptions | undefined;
  /** Loads the Kafka library of both sides; undefined: the built-in one. */
  readonly library?: (() => Promise<KafkaLibrary>) | undefined;
  /** Makes one call, where it is not `add` or, with a payload, `echo`. */
  readonly call?: ((client: Client<typeof commands>) => Promise<unknown>) | undefined;
}

/** Both sides with these options, and the defaults of all others. */
export function rpc({ server, client: options, library, call = undefined }: RpcPlan): Contestant {
  const common = async ({ brokers, topic }: Setting) => {
    return { brokers, topic, ...library === undefined ? {} : { library: await library() } };
  };
  return {
    serve: async (setting) => {
      const options = await common(setting);
      const logger = stderrLogger("error");
      const started = await serve({ ...server, ...options, logger });
      return {
        pending: () => started.counts.waiting + started.counts.running,
        [Symbol.asyncDispose]: () => started.close(),
      };
    },
    connect: async (setting): Promise<Caller> => {
      const client = await connect<typeof commands>({ ...options, ...await common(setting) });
      const text = textOf(setting.payloadBytes ?? 0);
      return {
        call: call !== undefined
          ? () => call(client)
          : setting.payloadBytes === undefined
          ? () => client.call("add", { a: 1, b: 2 })
          : () => client.call("echo", text),
        hold: () => client.call("hold"),
        [Symbol.asyncDispose]: () => client.close(),
      };
    },
  };
}
