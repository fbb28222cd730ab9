// Which calls something of a sandbox is of, where it runs several.
import type { JobContext } from "./executor.ts";

/** Fields of a log line: the call, where it is the only one; the command, where all are of one. */
export function commonOf(calls: readonly JobContext[]): { command?: string; id?: string } {
  const [first, ...others] = calls;
  if (first === undefined) return {};
  const { command, id } = first;
  if (others.length === 0) return { command, id };
  return others.every((other) => other.command === command) ? { command } : {};
}
