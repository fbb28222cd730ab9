/**
 * What servers say, made up.
 *
 * @module
 */
import type { DiscoveredServer, DiscoveredServers } from "../../src/client/found_servers.ts";
import type { CommandInfo, CommandStats } from "../../src/wire/discovery.ts";

const PING = {
  host: "host-1",
  version: "1.2.3",
  protocol: 1,
  topic: "orders",
  group: "orders-servers",
  startedAt: "2024-01-01T00:00:00.000Z",
  state: "serving",
  partitions: [0, 1],
  roundTripMs: 4,
} as const;

/** A server that was asked for a sign of life. */
export function pinged(
  server: string,
  parts: Partial<DiscoveredServer<"ping">> = {},
): DiscoveredServer<"ping"> {
  return { ...PING, server, ...parts };
}

/** A server and what it has counted in so many seconds. */
export function counted(
  server: string,
  commands: readonly CommandStats[],
  seconds = 10,
): DiscoveredServer<"stats"> {
  const memory = { rss: 2 ** 26, heapUsed: 2 ** 24 };
  return { ...PING, server, uptimeMs: seconds * 1_000, counts: {}, commands, memory };
}

/** What a server has counted of a command: runs of up to 10 ms, of up to 20, and longer ones. */
export function ran(
  name: string,
  counts: readonly number[],
  parts: Partial<CommandStats> = {},
): CommandStats {
  const succeeded = counts.reduce((sum, count) => sum + count, 0);
  const durations = { boundsMs: [10, 20], counts, sumMs: 0 };
  return { name, succeeded, failed: 0, running: 0, durations, ...parts };
}

/** A server and what it offers. */
export function offering(
  server: string,
  ...commands: readonly CommandInfo[]
): DiscoveredServer<"info"> {
  return { ...PING, server, commands, concurrency: 64, limits: {}, codecs: ["application/json"] };
}

/** A command that a server offers. */
export function offered(name: string, parts: Partial<CommandInfo> = {}): CommandInfo {
  const limits = { timeoutMs: 30_000, queueMs: 30_000, requestBytes: 1_000_000 };
  return { name, kind: "call", ...limits, idempotent: false, priority: 0, ...parts };
}

/** An answer of these alone. */
export function found<Server>(
  servers: readonly Server[],
  missing: readonly string[] = [],
): { servers: readonly Server[]; refused: []; missing: readonly string[] } {
  return { servers, refused: [], missing };
}

/** The same, as the client gives it. */
export type Found = DiscoveredServers<"stats">;
