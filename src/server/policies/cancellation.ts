/**
 * @module
 */
import type { Interceptor } from "../../pipeline/call.ts";
import { failedOutcome } from "../../wire/failure.ts";
import type { Cancellations } from "../cancellations.ts";
import type { ServerCounts } from "../counts.ts";
import type { IncomingCall } from "../incoming_call.ts";

/** Aborts a call that its caller cancels, or never starts it; either way there is no reply. */
export function cancellation(
  cancellations: Cancellations,
  counts: ServerCounts,
): Interceptor<IncomingCall> {
  return (next) => async (call) => {
    const { origin, ending } = call;
    if (origin === undefined) return await next(call);
    using _ = cancellations.follow(origin, ending);
    ending.isCanceled = cancellations.isCanceled(origin);
    const outcome = ending.isCanceled
      ? failedOutcome("canceled", "Cannot run: the caller canceled the call before it came.")
      : await next(call);
    if (ending.isCanceled) {
      counts.canceled++;
      ending.counted = true;
      ending.fate = "unanswered";
    }
    return outcome;
  };
}
