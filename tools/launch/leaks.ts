/**
 * Tells tests that leak from such that only ran behind one that failed.
 *
 * @module
 */
import type { ShardResult } from "./shard.ts";

/** What Deno says of a test that does not leave things as it found them. */
const LEAKS = "Leaks detected:";

/** The run of one module. */
export interface LeakingRun extends ShardResult {
  /** How many tests are no failures of it: they leaked behind the first one, and passed without it. */
  behind?: number;
}

/**
 * A test that fails may leave something open, such as a server. While that lives on, each test behind
 * it in the same module is said to leak: one failure was reported as 74. Those that only leaked
 * run again without the first failure, once; the ones that pass then are not counted as failures.
 * The first failure is one whatever comes of it, and so is all that failed for another reason.
 *
 * @param run That of a module.
 * @param again Runs tests of the module, by a filter as `deno test` takes it.
 */
export async function sortLeaks(
  run: ShardResult,
  again: (filter: string) => Promise<ShardResult>,
): Promise<LeakingRun> {
  const leaked = new Set(
    run.failures.slice(1).flatMap(({ name, why }) => why === LEAKS && name ? [name] : []),
  );
  if (leaked.size === 0 || run.totals === undefined) return run;
  const rerun = await again(`/^(?:${[...leaked].map(escaped).join("|")})$/`);
  // What did not run again says nothing: it ended early, or a name has what only steps have.
  const { passed: ran = 0, failed: alone = 0 } = rerun.totals ?? {};
  if (ran + alone < leaked.size) return run;
  for (const { name } of rerun.failures) leaked.delete(name ?? "");
  const failures = run.failures.filter(({ name, why }, index) => {
    return index === 0 || why !== LEAKS || !leaked.has(name ?? "");
  });
  // A test of which one step leaked and another failed is a failure.
  for (const { name } of failures) leaked.delete(name ?? "");
  const passed = run.totals.passed + leaked.size;
  const failed = run.totals.failed - leaked.size;
  return { ...run, failures, totals: { passed, failed }, behind: leaked.size };
}

/** A name as a regular expression of Rust, in which a space may stand as it is. */
function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
