/**
 * Timed calls.
 *
 * @module
 */
import type { Caller } from "../contestants/contestant.ts";

/** Calls in flight at a time at most: what a client lets wait by default. */
export const MAX_PENDING = 10_000;

/** So many calls in all, with so many in flight, by the callers in turn: milliseconds of each. */
export async function closedLoop(
  callers: readonly Caller[],
  count: number,
  inFlight: number,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (next < count) {
      const caller = callers[next++ % callers.length]!;
      const start = performance.now();
      await caller.call();
      times.push(performance.now() - start);
    }
  }));
  return times;
}

/** Milliseconds for so many calls, all at once, by the callers in turn. */
export async function burst(callers: readonly Caller[], count: number): Promise<number> {
  const most = MAX_PENDING * callers.length;
  if (count > most) throw new RangeError(`a burst has at most ${most} calls`);
  const start = performance.now();
  const calls = Array.from(
    { length: count },
    (_, index) => callers[index % callers.length]!.call(),
  );
  await Promise.all(calls);
  return performance.now() - start;
}
