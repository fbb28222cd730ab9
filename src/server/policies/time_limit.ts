/**
 * @module
 */
import { clock } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import { RpcError } from "../../wire/errors.ts";
import type { IncomingCall } from "../incoming_call.ts";
import { outcomeOfAbort, TimeLimit } from "../time_limit.ts";

export interface TimeLimitOptions {
  /** Milliseconds beside the wait for a slot. */
  readonly timeoutMs: number;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
  /** Whether code of users stands behind, which may never settle. */
  readonly foreign: boolean;
}

/** Ends a call at its deadline, after `limits.timeoutMs`, and when the server stops. */
export function timeLimit(
  { timeoutMs, stopping, foreign }: TimeLimitOptions,
): Interceptor<IncomingCall> {
  return (next) => async (call) => {
    using limit = new TimeLimit(call, stopping);
    const { signal } = limit;
    const work = (): ReturnType<typeof next> => next({ ...call, signal, timeLimit: limit });
    if (!foreign) return await work();
    limit.start(Math.min(call.deadline - clock.wallTime(), timeoutMs));
    try {
      return await withDeadline(work(), { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      return outcomeOfAbort(signal);
    } finally {
      // An interceptor may answer while the command still runs.
      limit.abort(new RpcError("canceled", `Cannot finish "${call.command}": it was answered.`));
    }
  };
}
