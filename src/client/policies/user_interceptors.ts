// Interceptors of users, in the pipeline of a client.
import { clock } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import { linkSignals } from "../../async/linked_signal.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import { guard, ownInterceptor } from "../../pipeline/guard.ts";
import { isRpcCode, RpcError } from "../../wire/errors.ts";
import type { Outcome } from "../../wire/outcome.ts";
import { checkMetadata } from "../call_options.ts";
import { abandoned, ended, failedBy, interceptorFailed, unsettled } from "../call_errors.ts";
import { failed, msLeft, type OutgoingCall } from "../outgoing_call.ts";

/** After the deadline interceptors may see and change how the call ended, for so many milliseconds. */
const GRACE_MS = 100;

/** What ends a call that is over: without a reason of its own each abort would make an error. */
const ENDED = "the call has ended";

/** Ends calls at their end, wherever an interceptor holds them. `closing` is that of the client. */
export function untilDeadline(closing: AbortSignal): Interceptor<OutgoingCall> {
  return (next) => async (call) => {
    const { caller, progress } = call;
    const left = msLeft(call);
    using ends = linkSignals(caller, closing);
    using work = linkSignals(ends.signal);
    const late = () => unsettled(call);
    // What an interceptor waits for then rejects with the error that the call deserves.
    const timer = clock.timer(left, () => work.abort(late()));
    try {
      const bounds = { signal: ends.signal, timeoutMs: left + GRACE_MS };
      return await withDeadline(next({ ...call, signal: work.signal }), bounds, late);
    } catch (error) {
      if (!caller?.aborted && closing.aborted) return failed(abandoned(call, progress.stage));
      return failedBy(error, call);
    } finally {
      timer.cancel();
      work.abort(ENDED);
    }
  };
}

/**
 * Puts an interceptor of a user into the pipeline: what it throws, or makes up, is an RpcError
 * behind it, and what it hands on is checked as what the caller gives.
 */
export function userInterceptor(interceptor: Interceptor): Interceptor<OutgoingCall> {
  const own = ownInterceptor(interceptor);
  if (own !== undefined) return own;
  const guarded = guard<OutgoingCall>(interceptor, (error, call) => {
    return failed(error instanceof RpcError ? error : interceptorFailed(call, error));
  });
  return (next) => {
    const handler = guarded((call) => {
      const checked = handedOn(call);
      return checked instanceof RpcError ? Promise.resolve(failed(checked)) : next(checked);
    });
    return async (call) => withRpcError(await handler(call), call);
  };
}

/** A call as an interceptor handed it on, its metadata checked; or why it can't be sent. */
function handedOn(call: OutgoingCall): OutgoingCall | RpcError {
  if (call.signal.aborted) return ended(call);
  try {
    return { ...call, metadata: checkMetadata(call.metadata, "metadata") };
  } catch (error) {
    if (!(error instanceof RpcError)) return interceptorFailed(call, error);
    const { command, id } = call;
    const text = `Cannot call "${command}" as an interceptor changed it. ${error.message}`;
    return new RpcError(error.code, text, { command, id, stage: "request" });
  }
}

function withRpcError(outcome: Outcome, { command, id, progress }: OutgoingCall): Outcome {
  if (outcome.ok || outcome.failure instanceof RpcError) return outcome;
  const { code, message, details } = outcome.failure;
  const about = { command, id, details, stage: progress.stage };
  return failed(new RpcError(isRpcCode(code) ? code : "unknown", message, about));
}
