import { clock } from "../../async/clock.ts";
import type { Logger } from "../../logging/logger.ts";
import type { LogThrottle } from "../../logging/log_throttle.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import { failedOutcome } from "../../wire/failure.ts";
import type { ServerCounts } from "../counts.ts";
import { type IncomingCall, LATE_REPLY_MS } from "../incoming_call.ts";

export interface ExpiryOptions {
  readonly counts: ServerCounts;
  readonly logger: Logger;
  /** For requests that came too late for a reply. */
  readonly late: LogThrottle;
}

/** Never starts a request whose deadline has passed. */
export function expiry({ counts, logger, late }: ExpiryOptions): Interceptor<IncomingCall> {
  return (next) => (call) => {
    const { id, command, place, ending } = call;
    const lateMs = clock.wallTime() - call.deadline;
    if (lateMs < 0) return next(call);
    counts.expired++;
    ending.counted = true;
    ending.replyUntil = clock.wallTime() + LATE_REPLY_MS;
    logger.debug("an expired request is not started", { id, lateMs });
    if (lateMs > LATE_REPLY_MS) {
      ending.fate = "unanswered";
      // A clock that is behind looks the same as a wait in the topic: the reader must tell them apart.
      late.log(
        "a request came long after its deadline: it waited in the topic, or the clocks differ",
        { id, command, ...place, lateMs: Math.round(lateMs) },
      );
    }
    return Promise.resolve(failedOutcome(
      "deadline_exceeded",
      `Cannot run "${command}": its deadline passed ${lateMs} ms before a server had it. ` +
        "Raise `timeoutMs`, add servers, or set the clocks of both machines.",
    ));
  };
}
