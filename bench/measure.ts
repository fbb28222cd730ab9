/**
 * Timed calls.
 *
 * @module
 */
import type { Caller } from "./contestant.ts";

/** Burst calls in flight at a time at most: what a client lets wait by default. */
const MAX_PENDING = 10_000;

/** Milliseconds of each of so many calls, one after the other. */
export async function sequential(caller: Caller, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    await caller.call();
    times.push(performance.now() - start);
  }
  return times;
}

/** Milliseconds for so many calls, all at once. */
export async function burst(caller: Caller, count: number): Promise<number> {
  if (count > MAX_PENDING) throw new RangeError(`a burst has at most ${MAX_PENDING} calls`);
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, () => caller.call()));
  return performance.now() - start;
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
