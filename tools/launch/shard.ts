/**
 * One `deno test` process and its totals.
 *
 * @module
 */
import { runDeno } from "./child.ts";
import type { Run } from "./run.ts";

const SUMMARY = /(\d+) passed(?: \([^)]*\))? \| (\d+) failed/g;
const KEEP_CHARACTERS = 4000;

/** How many tests there were. */
export interface Totals {
  /** Passed. */
  passed: number;
  /** Failed. */
  failed: number;
}

/** How a process ended; no totals where it ended before its summary. */
export interface ShardResult {
  /** Exit code. */
  code: number;
  /** As in its summary. */
  totals?: Totals;
  /** How long it ran. */
  seconds: number;
}

/** Where the output goes. */
export interface ShardOutput {
  /** Gets the standard output. */
  write: (chunk: Uint8Array) => void;
  /** Gets the standard error, instead of the terminal. */
  onErrors?: (chunk: Uint8Array) => void;
}

/** Runs `deno test` with these arguments. */
export async function runShard(
  run: Run,
  args: string[],
  output: ShardOutput,
): Promise<ShardResult> {
  const { write, onErrors } = output;
  const began = performance.now();
  let end = "";
  const decoder = new TextDecoder();
  const color: Record<string, string> = Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {};
  const code = await runDeno([
    "test",
    ...run.registry.flags,
    "--allow-all",
    // Tests that look at memory collect the garbage first.
    "--v8-flags=--expose-gc",
    ...args,
  ], {
    ...run.child,
    env: { ...color, ...run.child.env },
    onOutput: (chunk) => {
      write(chunk);
      end = (end + decoder.decode(chunk, { stream: true })).slice(-KEEP_CHARACTERS);
    },
    ...onErrors && { onErrors },
  });
  const seconds = (performance.now() - began) / 1000;
  // deno-lint-ignore no-control-regex
  const summary = [...end.replace(/\x1b\[[\d;]*m/g, "").matchAll(SUMMARY)].at(-1);
  if (!summary) return { code, seconds };
  return { code, seconds, totals: { passed: Number(summary[1]), failed: Number(summary[2]) } };
}
