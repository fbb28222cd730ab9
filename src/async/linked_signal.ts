// Signals that follow others.

/** A signal that aborts when one of its sources does. */
export interface LinkedSignal extends Disposable {
  /** Aborts with the reason of the source that aborted first, or that was given to `abort`. */
  readonly signal: AbortSignal;
  /** Aborts it; its sources are not touched. */
  abort(reason?: unknown): void;
}

/**
 * Links a new signal to others. `AbortSignal.any` would stay registered with a source that lives
 * long, such as the closing of a client, until the collector finds it; this one ends on disposal:
 * dispose of it when its work is over.
 */
export function linkSignals(...sources: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const ends: (() => void)[] = [];
  for (const source of sources) {
    if (source === undefined) continue;
    if (source.aborted) controller.abort(source.reason);
    const abort = () => controller.abort(source.reason);
    source.addEventListener("abort", abort, { once: true });
    ends.push(() => source.removeEventListener("abort", abort));
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => ends.forEach((end) => end()),
  };
}
