import type { Interceptor } from "../../pipeline/call.ts";
import { failedOutcome } from "../../wire/failure.ts";
import type { Cancellations } from "../cancellations.ts";
import type { ServerCounts } from "../counts.ts";
import type { AtEnd, Ending } from "../ending.ts";
import type { IncomingCall } from "../incoming_call.ts";

/** Aborts a call that its caller cancels, or never starts it; either way there is no reply. */
export function cancellation(
  cancellations: Cancellations,
  counts: ServerCounts,
): Interceptor<IncomingCall> {
  const drop = (ending: Ending) => {
    counts.canceled++;
    ending.counted = true;
    ending.fate = "unanswered";
  };
  const end: AtEnd = ({ origin, ending }, outcome) => {
    cancellations.unfollow(origin!, ending);
    if (ending.isCanceled && outcome !== undefined) drop(ending);
  };
  return (next) => (call) => {
    const { origin, ending } = call;
    if (origin === undefined) return next(call);
    if (cancellations.isCanceled(origin)) {
      drop(ending);
      const text = "Cannot run: the caller canceled the call before it came.";
      return Promise.resolve(failedOutcome("canceled", text));
    }
    cancellations.follow(origin, ending);
    ending.defer(end);
    return next(call);
  };
}
