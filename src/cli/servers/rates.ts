// What happened between two looks at the servers.
import type { DiscoveredServer } from "../../client/found_servers.ts";
import type { CommandFailure, CommandStats, Durations } from "../../wire/discovery.ts";
import { quantile, since } from "./durations.ts";
import type { Quantile } from "./text.ts";

/** What came of the calls of a time. */
export interface Rates {
  /** Calls a second that ended, well or not. */
  readonly perSecond: number;
  /** Those of them that failed. */
  readonly failedPerSecond: number;
  readonly running: number;
  /** Of the runs of that time; undefined where none ended. */
  readonly p50: Quantile | undefined;
  readonly p99: Quantile | undefined;
}

export interface ServerRates extends Rates {
  readonly server: string;
  readonly host: string | undefined;
  readonly state: string;
  /** Records of its partitions that are not committed; undefined where they may not be asked for. */
  readonly lag: number | undefined;
}

export interface CommandRates extends Rates {
  readonly name: string;
  readonly servers: number;
  readonly lastError: CommandFailure | undefined;
}

type Stats = DiscoveredServer<"stats">;

/** A command at a server, between two looks. */
interface Change {
  readonly name: string;
  readonly seconds: number;
  readonly ended: number;
  readonly failed: number;
  readonly running: number;
  readonly durations: Durations;
  readonly lastError: CommandFailure | undefined;
}

/** Since the server was looked at before; since its start, where it was not. */
function changesOf(now: Stats, before: Stats | undefined): Change[] {
  const seconds = Math.max(1, now.uptimeMs - (before?.uptimeMs ?? 0)) / 1_000;
  const earlier = new Map(before?.commands.map((command) => [command.name, command]));
  return now.commands.map((command) => change(command, earlier.get(command.name), seconds));
}

function change(now: CommandStats, before: CommandStats | undefined, seconds: number): Change {
  const { name, succeeded, failed, running, lastError } = now;
  const ended = succeeded + failed - (before === undefined ? 0 : before.succeeded + before.failed);
  return {
    name,
    seconds,
    ended,
    failed: failed - (before?.failed ?? 0),
    running,
    durations: since(now.durations, before?.durations),
    lastError,
  };
}

function ratesOf(changes: readonly Change[]): Rates {
  const sum = (number: (change: Change) => number) =>
    changes.reduce((all, change) => all + number(change), 0);
  const durations = changes.map((change) => change.durations);
  return {
    perSecond: sum(({ ended, seconds }) => ended / seconds),
    failedPerSecond: sum(({ failed, seconds }) => failed / seconds),
    running: sum(({ running }) => running),
    p50: quantile(0.5, durations),
    p99: quantile(0.99, durations),
  };
}

/** Both tables, the busiest first. */
export function ratesBetween(
  before: readonly Stats[],
  now: readonly Stats[],
  lags: ReadonlyMap<number, number> | undefined,
): { readonly servers: ServerRates[]; readonly commands: CommandRates[] } {
  const earlier = new Map(before.map((one) => [one.server, one]));
  const changes = now.map((one) => ({ one, all: changesOf(one, earlier.get(one.server)) }));
  const servers = changes.map(({ one: { server, host, state, partitions }, all }) => {
    const lag = lags && partitions.reduce((sum, partition) => sum + (lags.get(partition) ?? 0), 0);
    return { server, host, state, lag, ...ratesOf(all) };
  });
  const byCommand = Map.groupBy(changes.flatMap(({ all }) => all), ({ name }) => name);
  const commands = [...byCommand].map(([name, all]) => {
    const errors = all.flatMap(({ lastError }) => lastError ?? []);
    const lastError = errors.toSorted((a, b) => a.at < b.at ? 1 : -1)[0];
    return { name, servers: all.length, lastError, ...ratesOf(all) };
  });
  const busiest = (one: Rates, other: Rates) =>
    other.perSecond - one.perSecond || other.running - one.running;
  return { servers: servers.sort(busiest), commands: commands.sort(busiest) };
}
