/**
 * What strikes in a simulation.
 *
 * @module
 */
import { FAILOVER_MS } from "./cluster.ts";
import { MISHAP_FAULTS } from "./mishaps.ts";
import { RECORD_FAULTS } from "./record_faults.ts";
import { PATIENCE_MS, SESSION_HARM_MS } from "./incidents.ts";
import { type Fault, pick } from "./stage.ts";

const nothing = () => {};

/** Of brokers. */
const BROKER_FAULTS: readonly Fault[] = [
  {
    name: "broker stops",
    mostMs: 8_000,
    strike({ world, incidents, servers }, forMs) {
      const up = world.cluster.brokers.filter(({ isUp }) => isUp);
      // Without any broker there is nothing to see.
      if (up.length === 1) return nothing;
      const { nodeId } = pick(world, up);
      incidents.add("broker stops", Math.min(forMs, FAILOVER_MS) + servers.moveHarmMs);
      world.cluster.stop(nodeId);
      world.network.cut(nodeId);
      return () => world.cluster.start(nodeId);
    },
  },
  {
    name: "broker unreachable",
    mostMs: 5_000,
    strike({ world, incidents }, forMs) {
      const { nodeId } = pick(world, world.cluster.brokers);
      incidents.add("broker unreachable", Math.max(forMs, PATIENCE_MS));
      world.network.silence(nodeId);
      const weather = { unreachable: nodeId };
      world.network.weathers.add(weather);
      return () => void world.network.weathers.delete(weather);
    },
  },
  {
    name: "connections cut",
    mostMs: 0,
    strike({ world, incidents }) {
      incidents.add("connections cut", 0);
      for (const { nodeId } of world.cluster.brokers) world.network.cut(nodeId);
      return nothing;
    },
  },
  {
    name: "leaders move",
    mostMs: 0,
    strike({ world, incidents }) {
      incidents.add("leaders move", 0);
      world.cluster.topics.moveLeaders();
      return nothing;
    },
  },
  {
    name: "coordinators move",
    mostMs: 0,
    strike({ world, incidents, servers }) {
      incidents.add("coordinators move", servers.moveHarmMs);
      world.cluster.groups.move();
      return nothing;
    },
  },
];

/** Of servers and clients. */
const PROGRAM_FAULTS: readonly Fault[] = [
  {
    name: "server killed",
    mostMs: 3_000,
    strike({ servers, incidents }) {
      incidents.add("server killed", SESSION_HARM_MS);
      servers.kill();
      return () => servers.start();
    },
  },
  {
    name: "server stands still",
    mostMs: 12_000,
    strike({ servers, incidents }, forMs) {
      incidents.add("server stands still", Math.min(forMs, SESSION_HARM_MS));
      servers.stop(forMs);
      return nothing;
    },
  },
  {
    name: "wall clock of a server steps",
    mostMs: 10_000,
    strike({ world, servers }) {
      const program = servers.any();
      const step = world.clock.random() < 0.5 ? -3_000 : 3_000;
      if (program === undefined) return nothing;
      program.wallOffset += step;
      return () => void (program.wallOffset -= step);
    },
  },
  {
    name: "server restarts",
    mostMs: 2_000,
    strike({ servers }, forMs) {
      // It is replaced in order: no call may fail.
      const restarted = servers.restart(1, forMs);
      return () => restarted;
    },
  },
  {
    name: "all servers restart",
    mostMs: 3_000,
    strike({ servers, incidents }, forMs) {
      const end = incidents.add("all servers restart", Infinity);
      const restarted = servers.restart(Infinity, forMs);
      return () => restarted.finally(end);
    },
  },
  {
    name: "client connects again",
    mostMs: 3_000,
    strike({ clients, servers }, forMs) {
      if (!servers.hasServed) return nothing;
      const begun = clients.begin(5, forMs);
      return async () => await (await begun)();
    },
  },
];

/** All kinds. */
export const FAULTS: readonly Fault[] = [
  ...MISHAP_FAULTS,
  ...BROKER_FAULTS,
  ...PROGRAM_FAULTS,
  ...RECORD_FAULTS,
];
