/**
 * What is measured: the raw loop, and `call` with each kind of isolation.
 *
 * @module
 */
import { connect, serve, type ServeOptions, stderrLogger } from "@kafka-rpc/deno";
import * as commands from "./commands.ts";
import type { Contestant } from "./contestant.ts";
import { callRaw, serveRaw } from "./raw_loop.ts";

const MODULE = new URL("./commands.ts", import.meta.url);

function rpc(options: ServeOptions): Contestant {
  return {
    serve: (topic) => serve({ ...options, topic, logger: stderrLogger("warn") }),
    connect: async (topic) => {
      const client = await connect<typeof commands>({ topic });
      return {
        call: () => client.call("add", { a: 1, b: 2 }),
        [Symbol.asyncDispose]: () => client.close(),
      };
    },
  };
}

/** The first one is what the others are compared with. */
export const CONTESTANTS: Readonly<Record<string, Contestant>> = {
  "raw loop": { serve: serveRaw, connect: callRaw },
  "call, in process": rpc({ commands, isolation: "none" }),
  "call, worker": rpc({ commands: MODULE, isolation: "worker" }),
  "call, process": rpc({ commands: MODULE, isolation: "process" }),
};
