/** The commands of the example server: every exported function is one. */

/** Adds two numbers. */
export function add({ a, b }: { a: number; b: number }): number {
  return a + b;
}

/** Divides, and refuses to divide by nothing. */
export function divide({ a, b }: { a: number; b: number }): number {
  if (b === 0) throw new RangeError("the divisor is 0");
  return a / b;
}

/** Waits, and stops waiting when its caller does. */
export async function wait(
  { milliseconds }: { milliseconds: number },
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(`waited ${milliseconds} ms`), milliseconds);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return await promise.finally(() => clearTimeout(timer));
}
