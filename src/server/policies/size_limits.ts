import type { Interceptor } from "../../pipeline/call.ts";
import type { IncomingCall } from "../incoming_call.ts";
import { failedOutcome } from "../../wire/failure.ts";
import { requestBytes } from "../../wire/request.ts";

/** Refuses a request with a larger input and metadata than its policy allows. */
export const sizeLimits: Interceptor<IncomingCall> = (next) => (call) => {
  const size = requestBytes(call);
  const { requestBytes: limit } = call.policy;
  if (size <= limit) return next(call);
  return Promise.resolve(failedOutcome(
    "resource_exhausted",
    `Cannot run "${call.command}": its input and metadata have ${size} bytes, the limit of this ` +
      `server is ${limit}. Put the value in a store and send its address, as in ` +
      "docs/values.md#claim-check; or raise `limits.requestBytes`.",
  ));
};
