/**
 * Calls at a fixed rate, whatever becomes of those before.
 *
 * A latency counts from the moment when its call should have begun, so that a server that stands
 * still delays all calls of that time, as it would delay users who do not wait for each other. A
 * closed loop would stop to call and count one slow call: "coordinated omission" (Gil Tene, "How
 * NOT to Measure Latency", https://www.youtube.com/watch?v=lJ8ydIuPFeU).
 *
 * @module
 */

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** Waits so many milliseconds, or a little longer. */
  wait(milliseconds: number): Promise<void>;
}

/** What is asked for. */
export interface OpenLoopPlan {
  /** Calls a second. */
  readonly rate: number;
  /** Calls in all. */
  readonly count: number;
  /** Most calls in flight; the others begin later, and their latency counts nevertheless. */
  readonly maxInFlight: number;
  /** Default: this machine's. */
  readonly clock?: Clock;
}

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

const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Makes the calls, and waits for the end of them all. */
export async function openLoop(
  call: () => Promise<unknown>,
  { rate, count, maxInFlight, clock = SYSTEM_CLOCK }: OpenLoopPlan,
): Promise<OpenLoopOutcome> {
  const outcome = { latencies: [] as number[], late: [] as number[], failed: 0 };
  const began = clock.now();
  let inFlight = 0;
  let freed = Promise.withResolvers<void>();
  const begin = async (due: number) => {
    inFlight++;
    outcome.late.push(clock.now() - due);
    try {
      await call();
      outcome.latencies.push(clock.now() - due);
    } catch {
      outcome.failed++; // printed beside the latencies
    }
    inFlight--;
    freed.resolve();
    freed = Promise.withResolvers();
  };
  for (let index = 0; index < count;) {
    const due = began + index * 1_000 / rate;
    const early = due - clock.now();
    if (early > 0) await clock.wait(early);
    else if (inFlight === maxInFlight) await freed.promise;
    else void begin(due), index++;
  }
  while (inFlight > 0) await freed.promise;
  return { ...outcome, took: clock.now() - began };
}
