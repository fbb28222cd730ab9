/**
 * The commands that the bench calls: as little work as a command can be.
 *
 * @module
 */

/** Adds two numbers. */
export function add({ a, b }: { a: number; b: number }): number {
  return a + b;
}

/** Gives back what it gets: a payload of any size travels both ways. */
export function echo(text: string): string {
  return text;
}

/** Numbers from 0 on, one by one. */
export async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number++) yield number;
}

/** Waits, as for a database. */
export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Never yields. */
export function loop(): never {
  while (true);
}

let gate = Promise.withResolvers<void>();

/** Stays in flight until {@linkcode release}. */
export function hold(): Promise<void> {
  return gate.promise;
}

/** Lets all held calls end. */
export function release(): void {
  gate.resolve();
  gate = Promise.withResolvers();
}
