/**
 * The middle of several figures.
 *
 * @module
 */

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** Of each two figures of one round, the one by the other; then the middle of these. */
export function ratioOf(some: readonly number[], others: readonly number[]): number {
  const length = Math.min(some.length, others.length);
  return median(Array.from({ length }, (_, index) => some[index]! / others[index]!));
}
