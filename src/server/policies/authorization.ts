import { clock } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import type { LogThrottle } from "../../logging/log_throttle.ts";
import type { CallHandler, Interceptor } from "../../pipeline/call.ts";
import { describe } from "../../wire/describe.ts";
import { failedOutcome } from "../../wire/failure.ts";
import type { Outcome } from "../../wire/outcome.ts";
import type { ServerCounts } from "../counts.ts";
import { outcomeOfAbort } from "../ending.ts";
import type { IncomingCall } from "../incoming_call.ts";
import type { Authorize } from "../options.ts";

export interface AuthorizationOptions {
  readonly counts: ServerCounts;
  /** For principals that may not do what they ask for. */
  readonly denied: LogThrottle;
  readonly failures: LogThrottle;
}

/** Asks the user whether a principal may call a command; anything but `true` is a no. */
export function authorization(
  authorize: Authorize,
  { counts, denied, failures }: AuthorizationOptions,
): Interceptor<IncomingCall> {
  const ask = async (
    call: IncomingCall & { readonly principal: string },
    next: CallHandler<IncomingCall>,
  ): Promise<Outcome> => {
    const { id, command, metadata, principal, deadline, signal, place } = call;
    const timeoutMs = Math.max(1, deadline - clock.wallTime());
    let isLate = false;
    try {
      const answer = Promise.try(authorize, principal, { id, command, metadata });
      const late = () => (isLate = true, new Error(`no answer within ${timeoutMs} ms`));
      if (await withDeadline(answer, { signal, timeoutMs }, late) === true) return await next(call);
    } catch (error) {
      if (signal.aborted) return outcomeOfAbort(signal);
      const { name, message } = describe(error);
      failures.log("`authorize` failed", { id, command, principal, error: `${name}: ${message}` });
      const text =
        `Cannot run "${command}": the server could not find out whether "${principal}" ` +
        "may. Its log has the error.";
      return failedOutcome(isLate ? "deadline_exceeded" : "internal", text);
    }
    counts.denied++;
    denied.log("a principal may not call a command", { id, command, principal, ...place });
    const text =
      `Cannot run "${command}": "${principal}" may not call it. Let \`authorize\` of the ` +
      "server allow it.";
    return failedOutcome("permission_denied", text);
  };
  return (next) => (call) => {
    const { principal } = call;
    return principal === undefined ? next(call) : ask({ ...call, principal }, next);
  };
}
