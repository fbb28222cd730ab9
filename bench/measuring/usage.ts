/**
 * What processes take, as Linux tells it of any of them. Elsewhere there is no /proc, and these
 * figures are left out.
 *
 * @module
 */

/** CPU time and memory. */
export interface Usage {
  /** CPU seconds since the start, of every thread, in hundredths. */
  readonly cpuSeconds: number;
  /** Resident memory just now. */
  readonly residentBytes: number;
}

/** Clock ticks in a second, and bytes of a page, as Linux shows them to programs (getconf). */
const TICKS = 100;
const PAGE_BYTES = 4096;

/** What these processes and all below them take; NaN where the system does not tell it. */
export function usageOf(pids: readonly number[]): Usage {
  if (Deno.build.os !== "linux") return { cpuSeconds: NaN, residentBytes: NaN };
  const all = processes();
  const wanted = new Set(pids);
  // A child has a higher number than its parent but for a wrap: so until nothing is added.
  for (let before = 0; before < wanted.size;) {
    before = wanted.size;
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid);
  }
  const found = all.filter(({ pid }) => wanted.has(pid)).map(({ usage }) => usage);
  return {
    cpuSeconds: found.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    residentBytes: found.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
  };
}

function processes(): { pid: number; parent: number; usage: Usage }[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    const stat = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : undefined;
    return stat === undefined ? [] : [{ pid: Number(name), ...parse(stat) }];
  });
}

/**
 * The name of the program is in brackets and may hold anything; the rest is numbers (proc(5)). The
 * time of children that have ended counts as their parent's: expressions have a child each.
 */
function parse(stat: string): { parent: number; usage: Usage } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const at = (index: number) => Number(fields[index]);
  const cpuSeconds = (at(11) + at(12) + at(13) + at(14)) / TICKS;
  return { parent: at(1), usage: { cpuSeconds, residentBytes: at(21) * PAGE_BYTES } };
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined; // it has ended meanwhile, or belongs to another user
  }
}
