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
  const drop = ({ ending }: IncomingCall) => {
    counts.canceled++;
    ending.counted = true;
    ending.fate = "unanswered";
  };
  return (next) => (call) => {
    const { origin, ending } = call;
    if (origin === undefined) return next(call);
    if (cancellations.isCanceled(origin)) {
      drop(call);
      const text = "Cannot run: the caller canceled the call before it came.";
      return Promise.resolve(failedOutcome("canceled", text));
    }
    ending.defer(cancellations.follow(origin, ending));
    return next(call).then((outcome) => {
      if (ending.isCanceled) drop(call);
      return outcome;
    });
  };
}
