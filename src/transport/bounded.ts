/**
 * Waiting with an end.
 *
 * @module
 */
import type { Bounds } from "./transport.ts";

/** A timer longer than this fires at once; it stands for "without end". */
export const MAX_TIMER_MS = 2_147_483_647;

/** How long to wait, and whether the wait keeps the process alive. */
export interface WaitBounds extends Bounds {
  /** Leaves the process free to end meanwhile. Default: false. */
  readonly background?: boolean | undefined;
}

/**
 * Waits for work that cannot be stopped itself, but no longer than the bounds
 * allow. The work goes on unseen after that, and its failure is not reported.
 *
 * @param work What is waited for.
 * @param bounds A signal, whose reason is thrown, and a time in milliseconds.
 * @param onTimeout Makes the error that is thrown when the time is over.
 * @returns What the work gives.
 */
export async function bounded<T>(
  work: Promise<T>,
  bounds: WaitBounds,
  onTimeout: () => Error,
): Promise<T> {
  const { signal, timeoutMs = Infinity } = bounds;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  const timer = setTimeout(
    () => reject(onTimeout()),
    Math.min(timeoutMs, MAX_TIMER_MS),
  );
  if (bounds.background) Deno.unrefTimer(timer);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * Waits for work, but no longer than a time, and without an error when that is over.
 *
 * @param work What is waited for.
 * @param milliseconds Longest wait.
 * @returns What the work gives; undefined where it takes longer.
 */
export async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for a time, or until the signal aborts; never rejects.
 *
 * @param milliseconds How long.
 * @param bounds `signal` ends the wait early.
 * @param onBegin Given a function that ends the wait early.
 */
export async function pause(
  milliseconds: number,
  bounds: WaitBounds,
  onBegin?: (end: () => void) => void,
): Promise<void> {
  const { signal } = bounds;
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  if (bounds.background) Deno.unrefTimer(timer);
  onBegin?.(resolve);
  const abort = () => resolve();
  signal?.addEventListener("abort", abort, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", abort);
}

/**
 * Delays of an exponential back-off with jitter, without end.
 *
 * @param options First and longest delay in milliseconds.
 * @returns A function that gives the next delay.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(
  options: { firstMs: number; maxMs: number },
): () => number {
  let ceiling = Math.min(options.firstMs, options.maxMs);
  return () => {
    const delay = ceiling / 2 + Math.random() * ceiling / 2;
    ceiling = Math.min(ceiling * 2, options.maxMs);
    return delay;
  };
}
