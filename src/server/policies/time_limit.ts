import { withDeadline } from "../../async/deadline.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import { RpcError } from "../../wire/errors.ts";
import { outcomeOfAbort } from "../ending.ts";
import type { IncomingCall } from "../incoming_call.ts";

/**
 * Ends a call at its deadline, after `timeoutMs` of its policy besides its wait for a slot, and when it is
 * aborted, where code of users stands behind, which may never settle.
 */
export const timeLimit: Interceptor<IncomingCall> = (next) => async (call) => {
  const { ending, signal, command } = call;
  ending.limit(call);
  try {
    return await withDeadline(next(call), { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    return outcomeOfAbort(signal);
  } finally {
    ending.pause();
    // An interceptor may answer while the command still runs.
    ending.abort(new RpcError("canceled", `Cannot finish "${command}": it was answered.`));
  }
};
