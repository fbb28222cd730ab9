/**
 * The latencies of calls at a fixed rate, as the command-line tool makes them.
 *
 * @module
 */
import { openLoop, type OpenLoopPlan, SYSTEM_CLOCK } from "../../src/cli/open_loop.ts";
export type { Clock, OpenLoopPlan } from "../../src/cli/open_loop.ts";

/** What came of it. */
export interface OpenLoopOutcome {
  /** Milliseconds from when each call should have begun to its result. */
  readonly latencies: number[];
  /** Milliseconds from when each call should have begun to when it did. */
  readonly late: number[];
  /** Calls that failed; they have no latency. */
  readonly failed: number;
  /** Milliseconds from the first call to the end of the last. */
  readonly took: number;
}

/** Makes the calls, and waits for the end of them all. */
export async function measureOpenLoop(
  call: () => Promise<unknown>,
  plan: OpenLoopPlan,
): Promise<OpenLoopOutcome> {
  const { clock = SYSTEM_CLOCK } = plan;
  const outcome = { latencies: [] as number[], late: [] as number[], failed: 0 };
  const began = clock.now();
  await openLoop(async (due) => {
    outcome.late.push(clock.now() - due);
    try {
      await call();
      outcome.latencies.push(clock.now() - due);
    } catch {
      outcome.failed++; // printed beside the latencies
    }
  }, plan);
  return { ...outcome, took: clock.now() - began };
}
