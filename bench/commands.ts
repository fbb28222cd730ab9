/**
 * The command that the bench calls: as little work as a command can be.
 *
 * @module
 */

/** Adds two numbers. */
export function add({ a, b }: { a: number; b: number }): number {
  return a + b;
}
