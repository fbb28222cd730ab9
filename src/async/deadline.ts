// Waits with an end.
import { clock } from "./clock.ts";

/** How long to wait, and whether the wait keeps the process alive. */
export interface WaitOptions {
  /** Aborts the wait; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Most milliseconds to wait; Infinity waits until the signal. Default: Infinity. */
  readonly timeoutMs?: number | undefined;
  /** Leaves the process free to end meanwhile. Default: false. */
  readonly background?: boolean | undefined;
}

/**
 * Waits for work that cannot be stopped itself, but no longer than the options allow. The work
 * continues unseen after that, and its failure is not reported.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  options: WaitOptions,
  onTimeout: () => Error = () => new Error("not in time"),
): Promise<T> {
  const { signal, timeoutMs = Infinity, background = false } = options;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  const timer = timeoutMs === Infinity
    ? undefined
    : clock.timer(timeoutMs, () => reject(onTimeout()), { background });
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    timer?.cancel();
    signal?.removeEventListener("abort", abort);
  }
}

/** Gives undefined where the work takes longer. */
export async function settleWithin<T>(
  work: Promise<T>,
  milliseconds: number,
): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.timer(milliseconds, () => late.resolve(undefined));
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    timer.cancel();
  }
}
