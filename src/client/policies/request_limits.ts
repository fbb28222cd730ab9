// Limits of requests.
import type { Interceptor } from "../../pipeline/call.ts";
import { requestBytes } from "../../wire/request.ts";
import { tooLarge } from "../call_errors.ts";
import { failed, type OutgoingCall } from "../outgoing_call.ts";

/** Refuses a call whose encoded input and metadata have more bytes than this. */
export function requestLimits(limit: number): Interceptor<OutgoingCall> {
  return (next) => (call) => {
    const size = requestBytes(call);
    return size > limit ? Promise.resolve(failed(tooLarge(call, size, limit))) : next(call);
  };
}
