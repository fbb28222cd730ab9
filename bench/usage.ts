/**
 * What a process and its children take.
 *
 * @module
 */

import process from "node:process";

/** CPU time and memory. */
export interface Usage {
  /** CPU seconds since the start, of every thread. */
  readonly cpuSeconds: number;
  /** Resident memory just now. */
  readonly residentBytes: number;
}

/** Clock ticks in a second, and bytes of a page, as Linux shows them to programs (getconf). */
const TICKS = 100;
const PAGE_BYTES = 4096;

/** What this process takes and, where there is /proc, what the processes below it take. */
export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const own = { cpuSeconds: (user + system) / 1e6, residentBytes: Deno.memoryUsage().rss };
  return Deno.build.os === "linux" ? add([own, ...descendants(Deno.pid)]) : own;
}

/** Sums up. */
export function add(usages: readonly Usage[]): Usage {
  return {
    cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    residentBytes: usages.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
  };
}

/** CPU seconds of one process since its start; 0 where there is no /proc, or no such process. */
export function cpuSecondsOf(pid: number): number {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat === undefined ? 0 : parse(stat).usage.cpuSeconds;
}

function descendants(root: number): Usage[] {
  const all = processes();
  const below = (parent: number): Usage[] =>
    all.filter((found) => found.parent === parent)
      .flatMap((found) => [found.usage, ...below(found.pid)]);
  return below(root);
}

function processes(): { pid: number; parent: number; usage: Usage }[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    const stat = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : undefined;
    return stat === undefined ? [] : [{ pid: Number(name), ...parse(stat) }];
  });
}

/** The name of the program is in brackets and may hold anything; the rest is numbers (proc(5)). */
function parse(stat: string): { parent: number; usage: Usage } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [parent, user, system, pages] = [1, 11, 12, 21].map((at) => Number(fields[at]));
  const cpuSeconds = (user! + system!) / TICKS;
  return { parent: parent!, usage: { cpuSeconds, residentBytes: pages! * PAGE_BYTES } };
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined; // it has ended meanwhile, or belongs to another user
  }
}
