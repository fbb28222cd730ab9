/**
 * Rows of the fault matrix: what happens to connections, and to a single broker.
 *
 * @module
 */
import { API, type Fault } from "../../tools/fault_proxy.ts";
import { type Arena, lasts, type Size } from "./arena.ts";
import type { Row } from "./row.ts";

/** How the cause of an outage reads in a log: the broker's address, and what it does. */
export const UNREACHABLE = /no (answer|byte) from 127\.0\.0\.1:\d+|127\.0\.0\.1:\d+(: \w| closed)/;

/** A row of any kind on one node. */
export type MakeRow = (arena: Arena, size: Size) => Row;

const base = ({ brokers }: Arena, { perSecond, calls }: Size) => ({
  brokers,
  calls,
  load: { perSecond },
});

/** Connections of the client end before the broker has a produce request. */
export const resetBeforeProduce: MakeRow = (arena, size) => ({
  ...base(arena, size),
  name: "reset before produce",
  fault: async () => {
    const times = size.repeat;
    await arena.proxy.cut({ at: "request", api: API.produce, clientId: "client", times });
    await arena.proxy.cut({ at: "request", api: API.produce, clientId: "server", times });
  },
});

/** The broker has the records, and nobody hears of it. */
export const resetBeforeAcknowledgement: MakeRow = (arena, size) => ({
  ...base(arena, size),
  name: "reset after append, before the acknowledgement",
  fault: async () => {
    const times = size.repeat;
    await arena.proxy.cut({ at: "response", api: API.produce, clientId: "client", times });
    await arena.proxy.cut({ at: "response", api: API.produce, clientId: "server", times });
  },
});

/** A server's commits do not get out. */
export const cutBeforeCommit: MakeRow = (arena, size) => ({
  ...base(arena, size),
  name: "cut between fetch and commit",
  fault: async () => {
    const times = size.repeat;
    await arena.proxy.cut({ at: "request", api: API.offsetCommit, clientId: "server", times });
  },
});

/** SIGKILL of the only broker, which then comes back with its data. */
export const brokerKilled: MakeRow = (arena, size) => ({
  ...base(arena, size),
  name: "broker SIGKILL and restart, one node",
  logs: { client: UNREACHABLE, server: UNREACHABLE },
  fault: async () => {
    await arena.away((node) => node.kill());
    await arena.back();
  },
});

/** No broker when client and server start; it comes 3 s later. */
export const brokerDownAtStart: MakeRow = (arena, size) => ({
  ...base(arena, size),
  name: "broker down at start, up 3 s later",
  prepared: false,
  serve: { connectTimeoutMs: 60_000, createTopics: { partitions: 4 } },
  connect: { connectTimeoutMs: 60_000, createTopics: { partitions: 4 } },
  before: () => arena.away((node) => node.stop()),
  atStart: async () => {
    await lasts(3_000);
    await arena.back();
  },
  fault: () => Promise.resolve(),
});

/** A fault of all connections for some time. */
function during(
  name: string,
  fault: Fault,
  milliseconds: number,
  besides: Pick<Row, "logs"> = {},
): MakeRow {
  return (arena, size) => ({
    ...base(arena, size),
    ...besides,
    name,
    fault: async () => {
      arena.proxy.setFault(fault);
      await lasts(milliseconds);
      await arena.proxy.heal();
    },
  });
}

/** Every connection swallows bytes for two seconds, and is dead after that. */
export const blackHole: MakeRow = during("black hole, 2 s", { blackHole: true }, 2_000);

/** The same, for longer than any request of the library may take. */
export const longBlackHole: MakeRow = during("black hole, 15 s", { blackHole: true }, 15_000, {
  logs: { client: UNREACHABLE, server: UNREACHABLE },
});

/** Half a second more in each direction. */
export const slow: MakeRow = during("+500 ms in each direction, 10 s", { delayMs: 500 }, 10_000);

/** Everything arrives byte by byte. */
export const slices: MakeRow = (arena, { calls }) => ({
  ...base(arena, { perSecond: 20, calls: calls / 10, repeat: 1 }),
  name: "one-byte slices, 5 s",
  fault: async () => {
    arena.proxy.setFault({ sliceBytes: 1 });
    await lasts(5_000);
    await arena.proxy.heal();
  },
});

/** SIGSTOP of the only broker: open connections on which nothing comes. */
export function suspended(seconds: number): MakeRow {
  return (arena, size) => ({
    ...base(arena, size),
    name: `broker SIGSTOP ${seconds} s`,
    logs: { client: UNREACHABLE, server: UNREACHABLE },
    fault: async () => {
      arena.node.suspend();
      await lasts(seconds * 1_000);
      arena.node.resume();
      // More connections waited for the broker than its system took in.
      await arena.proxy.heal();
    },
  });
}
