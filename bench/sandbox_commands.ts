/** Commands that the sandboxes of the benchmark run. */

/** Adds. */
export function add({ a, b }: { a: number; b: number }): number {
  return a + b;
}

/** Keeps its sandbox busy for a while. */
export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Never yields. */
export function loop(): never {
  while (true);
}
