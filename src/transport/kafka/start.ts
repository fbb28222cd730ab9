// Tries until it works.
import { clock, MAX_TIMER_MS } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import { backoff, delay } from "../../async/delay.ts";
import { linkSignals } from "../../async/linked_signal.ts";
import { RpcError } from "../../wire/errors.ts";
import type { Bounds } from "../transport.ts";
import { asRpcError } from "./errors.ts";
import { Moment } from "./moment.ts";

/** Waits between attempts: short enough to be there soon after a broker is back. */
const RETRY = { firstMs: 50, maxMs: 500 };

interface StartOptions extends Bounds {
  /** What is tried, as in "Cannot X". */
  readonly what: string;
  readonly closing?: AbortSignal | undefined;
  readonly onFailure?: ((failure: unknown) => void) | undefined;
}

/**
 * Tries again and again what a start needs, until it works, the cluster refuses it for good, or the
 * time is over. It keeps the process alive.
 *
 * @throws {RpcError} The last failure, or the one that is final.
 */
export async function untilStarted<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  options: StartOptions,
): Promise<T> {
  const { what, timeoutMs = Infinity, onFailure } = options;
  using over = linkSignals(options.closing, options.signal);
  const { signal } = over;
  const endsAt = clock.now() + timeoutMs;
  const next = backoff(RETRY);
  const tried = ` (tried for ${timeoutMs} ms)`;
  let last: unknown = new Error("no answer");
  const moment = new Moment();
  const run = async () => {
    while (true) {
      try {
        return await attempt(signal);
      } catch (failure) {
        signal.throwIfAborted();
        if (failure instanceof RpcError) throw failure;
        last = failure;
        const final = moment.endedBy(failure);
        if (final !== undefined) throw asRpcError(final, what);
        const waitMs = next();
        if (clock.now() + waitMs >= endsAt) throw asRpcError(failure, what, tried);
        onFailure?.(failure);
        await delay(waitMs, { signal });
        signal.throwIfAborted();
      }
    }
  };
  try {
    const bounds = { signal, timeoutMs: Math.min(timeoutMs, MAX_TIMER_MS) };
    return await withDeadline(run(), bounds, () => asRpcError(last, what, tried));
  } finally {
    over.abort();
  }
}
