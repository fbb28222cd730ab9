/**
 * All that is measured in Deno, by name: raw loops, and this package with each kind of isolation,
 * with both Kafka libraries.
 *
 * @module
 */
import { platformatic } from "@kafka-rpc/deno/platformatic";
import { kafkajsProtocol } from "../../src/transport/kafka/kafkajs/protocol.ts";
import * as commands from "./commands.ts";
import type { Contestant } from "./contestant.ts";
import { rpc, type RpcPlan } from "./rpc.ts";
import { keysOf } from "./signing.ts";
import { transportLoop } from "./transport_loop.ts";

/** Kafka libraries. */
export const LIBRARIES = ["kafkajs", "platformatic"] as const;
/** One of them. */
export type Library = typeof LIBRARIES[number];

const MODULE = new URL("./commands.ts", import.meta.url);

/** This package, by where a command runs. */
const KINDS = {
  "in process": { server: { commands, isolation: "none" } },
  "worker": { server: { commands: MODULE, isolation: "worker" } },
  "process": { server: { commands: MODULE, isolation: "process" } },
  "HMAC": {
    server: { commands, isolation: "none", ...keysOf("HMAC") },
    client: keysOf("HMAC"),
  },
  "Ed25519": {
    server: { commands, isolation: "none", ...keysOf("Ed25519") },
    client: keysOf("Ed25519"),
  },
  "eval, realm": {
    server: { evaluate: true },
    call: (client) => client.call("eval" as never, "1 + 1" as never),
  },
  "eval, process": {
    server: { evaluate: { isolation: "process" } },
    call: (client) => client.call("eval" as never, "1 + 1" as never),
  },
  "wait 50 ms, process": {
    server: { commands: MODULE },
    call: (client) => client.call("wait", 50),
  },
} as const satisfies Record<string, Omit<RpcPlan, "library">>;

/** Where a command runs. */
export type Kind = keyof typeof KINDS;

/** Ways to talk without this package, and with its transport alone. */
const LOOPS = ["raw loop", "raw loop, stock", "transport"] as const;
/** One of them. */
export type Loop = typeof LOOPS[number];

/** In process, with what is measured of each call. */
const TELEMETRY = ["metrics", "OpenTelemetry"] as const;
/** What measures. */
export type Telemetry = typeof TELEMETRY[number];

/** OpenTelemetry without this package and without Kafka. */
export const TELEMETRY_ALONE = "OpenTelemetry alone";

/** The name of a contestant. */
export type ContestantName = `${Kind | Loop | Telemetry} (${Library})` | typeof TELEMETRY_ALONE;

async function loopOf(loop: Loop, library: Library): Promise<Contestant> {
  if (loop === "transport") {
    return transportLoop(async () => {
      if (library === "kafkajs") return kafkajsProtocol;
      const { platformaticProtocol } = await import(
        "../../src/transport/kafka/platformatic/protocol.ts"
      );
      return platformaticProtocol;
    });
  }
  if (library === "kafkajs") {
    const { kafkajsStock, kafkajsTuned } = await import("./kafkajs_loop.ts");
    return loop === "raw loop" ? kafkajsTuned : kafkajsStock;
  }
  const { platformaticStock, platformaticTuned } = await import("./platformatic_loop.ts");
  return loop === "raw loop" ? platformaticTuned : platformaticStock;
}

/** Finds one; what others need is not loaded, so that it takes no memory. */
export async function contestantOf(name: string): Promise<Contestant> {
  if (name === TELEMETRY_ALONE) return (await import("./telemetry_alone.ts")).telemetryAlone;
  const [, what = "", library = ""] = /^(.+) \((\w+)\)$/.exec(name) ?? [];
  if (LIBRARIES.includes(library as Library)) {
    const load = library === "platformatic" ? platformatic : undefined;
    if (Object.hasOwn(KINDS, what)) return rpc({ ...KINDS[what as Kind], library: load });
    if (TELEMETRY.includes(what as Telemetry)) {
      const { measuring } = await import("./telemetry.ts");
      const { server, client } = measuring[what as Telemetry]();
      const { server: options } = KINDS["in process"];
      return rpc({
        server: { ...options, interceptors: [server] },
        client: { interceptors: [client] },
        library: load,
      });
    }
    if (LOOPS.includes(what as Loop)) return await loopOf(what as Loop, library as Library);
  }
  throw new Error(`there is no contestant "${name}"`);
}
