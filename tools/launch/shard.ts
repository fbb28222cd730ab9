/**
 * One `deno test` process and its totals.
 *
 * @module
 */
import { runDeno } from "./child.ts";
import type { Run } from "./run.ts";

const SUMMARY = /(\d+) passed(?: \([^)]*\))? \| (\d+) failed/g;
/** A test that failed and its place, or a module that ended before its last test; and why. */
const FAILURE = /^((.+) => \S+:\d+:\d+|.+ \(uncaught error\))\nerror: (.*)$/gm;
const KEEP_CHARACTERS = 100_000;
/** From Deno 2.8 on, a leak of a timer, an operation or a resource fails a test only with these. */
const SANITIZERS = { DENO_TEST_SANITIZE_OPS: "1", DENO_TEST_SANITIZE_RESOURCES: "1" };

/** How many tests there were. */
export interface Totals {
  /** Passed. */
  passed: number;
  /** Failed. */
  failed: number;
}

/** A test that failed. */
export interface TestFailure {
  /** Its name and its place. */
  test: string;
  /** Its name alone, without that of a step; undefined where a module failed. */
  name: string | undefined;
  /** The first line of the reason. */
  why: string;
}

/** How a process ended; no totals where it ended before its summary. */
export interface ShardResult {
  /** Exit code. */
  code: number;
  /** As in its summary. */
  totals?: Totals;
  /** The tests that failed, those of a module in the order in which they ran. */
  failures: readonly TestFailure[];
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
    env: { ...color, ...SANITIZERS, ...run.child.env },
    onOutput: (chunk) => {
      write(chunk);
      end = (end + decoder.decode(chunk, { stream: true })).slice(-KEEP_CHARACTERS);
    },
    ...onErrors && { onErrors },
  });
  const seconds = (performance.now() - began) / 1000;
  // deno-lint-ignore no-control-regex
  const text = end.replace(/\x1b\[[\d;]*m/g, "");
  const failures = [...text.matchAll(FAILURE)].map(([, test, name, why]) => {
    return { test: test!, name: name?.replace(/ \.\.\. .*$/, ""), why: why! };
  });
  const summary = [...text.matchAll(SUMMARY)].at(-1);
  if (!summary) return { code, seconds, failures };
  const totals = { passed: Number(summary[1]), failed: Number(summary[2]) };
  return { code, seconds, failures, totals };
}
