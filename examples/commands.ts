/**
 * The commands of the example server: every exported function is one. The input is whatever the
 * caller sent. Types are gone at run time, so a command that does not trust its callers checks it first.
 *
 * @module
 */
import type { Calculator } from "./shared_types.ts";

/** Adds two numbers. */
export const add: Calculator["add"] = ({ a, b }) => a + b;

/** Divides, and refuses to divide by nothing: the caller sees code `unknown` and this error. */
export const divide: Calculator["divide"] = ({ a, b }) => {
  if (b === 0) throw new RangeError("the divisor is 0");
  return a / b;
};

/** Waits, and stops waiting when its caller does. */
export const wait: Calculator["wait"] = async ({ milliseconds }, { signal }) => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(`waited ${milliseconds} ms`), milliseconds);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return await promise.finally(() => clearTimeout(timer));
};

/** Counts down; when its caller leaves, the wait ends at once and so does the generator. */
export const countdown: Calculator["countdown"] = async function* ({ from }, { signal }) {
  for (let left = from; left > 0; left--) {
    yield left;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 100);
      const stop = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", stop, { once: true });
    });
  }
};
