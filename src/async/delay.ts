// Pauses, and how they grow.
import { clock } from "./clock.ts";
import type { WaitOptions } from "./deadline.ts";

/**
 * Waits for a time, or until the signal aborts; never rejects. `onBegin` is given a function that
 * ends the wait early.
 */
export async function delay(
  milliseconds: number,
  options: Pick<WaitOptions, "signal" | "background"> = {},
  onBegin?: (end: () => void) => void,
): Promise<void> {
  const { signal, background = false } = options;
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.timer(milliseconds, resolve, { background });
  onBegin?.(resolve);
  const abort = () => resolve();
  signal?.addEventListener("abort", abort, { once: true });
  await promise;
  timer.cancel();
  signal?.removeEventListener("abort", abort);
}

/**
 * Delays of an exponential back-off with jitter, in milliseconds and without end.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(options: { firstMs: number; maxMs: number }): () => number {
  let ceiling = Math.min(options.firstMs, options.maxMs);
  return () => {
    const next = ceiling / 2 + clock.random() * ceiling / 2;
    ceiling = Math.min(ceiling * 2, options.maxMs);
    return next;
  };
}
