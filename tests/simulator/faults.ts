/**
 * What strikes in a simulation.
 *
 * @module
 */
import type { Api } from "../../src/transport/kafka/port.ts";
import { FAIR, type Mishap, MISHAPS } from "./network.ts";
import type { Servers } from "./servers.ts";
import type { World } from "./world.ts";

/** A fault in a run. */
export interface Strike {
  readonly name: string;
  /** Milliseconds after the beginning. */
  readonly at: number;
  readonly forMs: number;
}

/** What a fault has to work with. */
export interface Stage {
  readonly world: World;
  readonly servers: Servers;
  /** Called with each request that a mishap met. */
  readonly onMet: (mishap: Mishap, api: Api) => void;
}

/** A kind of fault. */
export interface Fault {
  readonly name: string;
  /** Longest time that it lasts. */
  readonly mostMs: number;
  /** Milliseconds that the recovery may take longer than usual: a dead member's session runs out. */
  readonly sessionMs?: number;
  /** Strikes; gives what ends it. */
  readonly strike: (stage: Stage, forMs: number) => () => void;
}

/** Every request that the core makes. */
export const APIS: readonly Api[] = [
  "Metadata",
  "ListOffsets",
  "Produce",
  "Fetch",
  "FindCoordinator",
  "JoinGroup",
  "SyncGroup",
  "Heartbeat",
  "LeaveGroup",
  "OffsetCommit",
  "OffsetFetch",
  "DescribeGroups",
  "ConsumerGroupDescribe",
  "CreateTopics",
];
/** A member is one until its session has run out, and the others join again. */
const SESSION_MS = 9_000;

function pick<T>(world: World, from: readonly T[]): T {
  return from[Math.floor(world.clock.random() * from.length)]!;
}

/** All requests now and then, or one kind nearly always. */
function mishap(name: Mishap): Fault {
  return {
    name,
    mostMs: 6_000,
    sessionMs: SESSION_MS,
    strike({ world, onMet }) {
      const only = world.clock.random() < 0.6 ? pick(world, APIS) : undefined;
      const share = only === undefined ? 0.2 : 0.8;
      world.network.weather = {
        ...FAIR,
        mishap(api) {
          if (only !== undefined && api !== only) return undefined;
          if (world.clock.random() > share) return undefined;
          onMet(name, api);
          return name;
        },
      };
      return () => world.network.weather = FAIR;
    },
  };
}

/** All kinds. */
export const FAULTS: readonly Fault[] = [
  ...MISHAPS.map(mishap),
  {
    name: "broker stops",
    mostMs: 8_000,
    strike({ world }) {
      const { nodeId } = pick(world, world.cluster.brokers);
      world.cluster.stop(nodeId);
      world.network.cut(nodeId);
      return () => world.cluster.start(nodeId);
    },
  },
  {
    name: "broker unreachable",
    mostMs: 5_000,
    sessionMs: SESSION_MS,
    strike({ world }) {
      const { nodeId } = pick(world, world.cluster.brokers);
      world.network.silence(nodeId);
      world.network.weather = { ...FAIR, reachable: (broker) => broker.nodeId !== nodeId };
      return () => world.network.weather = FAIR;
    },
  },
  {
    name: "connections cut",
    mostMs: 0,
    strike({ world }) {
      for (const { nodeId } of world.cluster.brokers) world.network.cut(nodeId);
      return () => {};
    },
  },
  {
    name: "leaders move",
    mostMs: 0,
    strike({ world }) {
      world.cluster.topics.moveLeaders();
      return () => {};
    },
  },
  {
    name: "coordinators move",
    mostMs: 0,
    strike({ world }) {
      world.cluster.groups.move();
      return () => {};
    },
  },
  {
    name: "server killed",
    mostMs: 3_000,
    sessionMs: SESSION_MS,
    strike({ servers }) {
      servers.kill();
      return () => servers.start();
    },
  },
  {
    name: "server stands still",
    mostMs: 12_000,
    sessionMs: SESSION_MS,
    strike({ servers }, forMs) {
      servers.stop(forMs);
      return () => {};
    },
  },
  {
    name: "wall clock of a server steps",
    mostMs: 10_000,
    strike({ world, servers }) {
      const program = servers.any();
      const before = program.wallOffset;
      program.wallOffset += world.clock.random() < 0.5 ? -3_000 : 3_000;
      return () => program.wallOffset = before;
    },
  },
];
