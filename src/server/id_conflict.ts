// Requests with the id of another one.
import { clock } from "../async/clock.ts";
import type { LogThrottle } from "../logging/log_throttle.ts";
import { failedOutcome } from "../wire/failure.ts";
import type { Outcome } from "../wire/outcome.ts";
import { type IncomingCall, LATE_REPLY_MS } from "./incoming_call.ts";
import { isOfKey } from "./origin.ts";

/** Refuses a request whose id is that of another one: its result is for its caller alone. */
export function refuseConflict(
  { id, command, place, ending, origin }: IncomingCall,
  conflict: string,
  conflicts: LogThrottle,
): Outcome {
  ending.own = false;
  ending.replyUntil = clock.wallTime() + LATE_REPLY_MS;
  const fields = { id, command, ...place, conflict };
  conflicts.log("a request has the id of another one, it is refused", fields);
  const text = origin !== undefined && isOfKey(origin)
    ? `Cannot run "${command}": its idempotency key is that of a call with ${conflict}. Give each ` +
      "call a key of its own; send the same call again as it was."
    : `Cannot run "${command}": its id is that of a request with ${conflict}. Give each call an ` +
      "id of its own; send the same call again as it was, from where it was sent.";
  return failedOutcome("already_exists", text);
}

/** Refuses a signed request that was answered, or may have been: a copy must not run. */
export function refuseCopy(
  { command, ending }: IncomingCall,
  forgotten: "answered" | "unknown",
): Outcome {
  ending.own = false;
  return forgotten === "answered"
    ? failedOutcome(
      "already_exists",
      `Cannot run "${command}": this request was answered before, and its answer is not kept any ` +
        "more. Give each call an id of its own.",
    )
    : failedOutcome(
      "resource_exhausted",
      `Cannot run "${command}": more requests were answered than this server remembers, and this ` +
        "may be one of them. Make the call again with a longer `timeoutMs`.",
    );
}
