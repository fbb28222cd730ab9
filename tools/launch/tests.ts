/**
 * Runs the tests and prints their totals in a form that a machine reads.
 *
 * @module
 */
import { checkTypes } from "./gate.ts";
import { existing } from "./paths.ts";
import { JoinedTests } from "./joined_tests.ts";
import { type LeakingRun, sortLeaks } from "./leaks.ts";
import type { Run } from "./run.ts";
import { runShard, type Totals } from "./shard.ts";
import { type Turn, Turns } from "./turns.ts";

/** Tests that run in a process of their own, beside those of the others. */
export interface TestShard {
  /** What they have in common. */
  name: string;
  /** Their files, or their folders. */
  paths: string[];
  /** Whether these are files that run as one module. */
  joined?: boolean;
  /** Whether others come first where both want the processor: rows of faults are timed. */
  yields?: boolean;
}

/** Steps of niceness: more would let the sandboxes of the others stand still. */
const YIELDS_BY = 5;

/**
 * Runs the given test files, or these by default, with `args` passed on to `deno test`. A leak fails
 * a test in any case; `--trace-leaks` among the arguments says which line made it, for which the
 * stack of each timer is noted: that makes one about 30 times as dear.
 */
export async function runTests(
  run: Run,
  args: string[],
  byDefault: string[],
): Promise<number> {
  const { code, totals } = await runShard(run, [
    ...args,
    ...await namesPaths(args) ? [] : byDefault,
  ], { write: toTerminal });
  if (totals) printTotals(totals);
  return code;
}

/** Whether there is a file or folder among these arguments. */
async function namesPaths(args: string[]): Promise<boolean> {
  return (await existing(args.filter((arg) => !arg.startsWith("-")))).length > 0;
}

/**
 * Runs shards side by side, so that some compute while others wait for a broker. The types are
 * checked once for all of them, before the first one and beside the others.
 *
 * @param run The task's.
 * @param shards The first one writes to the terminal as it goes, each next one from then on.
 * @param options `checked`: the types have been checked already.
 */
export async function runShards(
  run: Run,
  shards: TestShard[],
  { checked = false }: { checked?: boolean } = {},
): Promise<number> {
  const ended = new AbortController();
  const signal = AbortSignal.any([run.child.signal, ended.signal]);
  const both = { ...run, child: { ...run.child, signal } };
  const turns = new Turns(toTerminal);
  const check = async () => {
    if (checked || await checkTypes(both)) return;
    throw new Error("Cannot run the tests: types do not fit, as listed above.");
  };
  const runs = await Promise.allSettled(
    shards.map(async (shard, index) => {
      const turn = turns.take();
      try {
        if (index === 0) await check();
        return await runOne(both, shard, turn);
      } catch (error) {
        ended.abort(error); // the others' totals would be no totals
        throw error;
      } finally {
        turn.end();
      }
    }),
  );
  signal.throwIfAborted();
  // None is rejected here: that would have ended all.
  return conclude(shards, runs.flatMap((one) => one.status === "fulfilled" ? [one.value] : []));
}

async function runOne(run: Run, shard: TestShard, { write }: Turn): Promise<LeakingRun> {
  const say = (line: string) => write(new TextEncoder().encode(`${line}\n`));
  say(`Tests ${shard.name}:`);
  const child = { ...run.child, yieldsBy: shard.yields ? YIELDS_BY : 0 };
  const runPaths = (paths: readonly string[], options: readonly string[] = []) => {
    const args = ["--no-check", ...options, ...paths];
    return runShard({ ...run, child }, args, { write, onErrors: write });
  };
  if (!shard.joined) return await runPaths(shard.paths);
  await using joined = await JoinedTests.write(shard.paths);
  return await sortLeaks(await runPaths([joined.path]), (filter) => {
    say(`Tests ${shard.name} that leaked behind one that failed, again without it:`);
    return runPaths([joined.path], [`--filter=${filter}`]);
  });
}

/** Prints what each shard did, and the sum. */
function conclude(shards: TestShard[], runs: readonly LeakingRun[]): number {
  const sum: Totals = { passed: 0, failed: 0 };
  let code = 0;
  // Near the end: what a service for tests keeps of a run may be no more than that.
  for (const { failures, behind = 0 } of runs) {
    for (const { test, why } of failures) console.log(`failed: ${test}: ${why}`);
    if (behind > 0) {
      console.log(`${behind} that leaked behind the first of these passed without it`);
    }
  }
  for (const [index, { totals, seconds, code: ended }] of runs.entries()) {
    const { name } = shards[index]!;
    code ||= ended;
    console.log(
      totals
        ? `${totals.passed} passed, ${totals.failed} failed ${name} (${seconds.toFixed(0)} s)`
        : `deno test ended with exit code ${ended} before its totals ${name}`,
    );
    sum.passed += totals?.passed ?? 0;
    sum.failed += totals?.failed ?? 0;
  }
  printTotals(sum);
  return code;
}

function printTotals({ passed, failed }: Totals): void {
  console.log(`${passed} passed, ${failed} failed`);
}

function toTerminal(chunk: Uint8Array): void {
  for (let sent = 0; sent < chunk.length;) sent += Deno.stdout.writeSync(chunk.subarray(sent));
}
