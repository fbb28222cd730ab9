// What others than the pipeline see of a call.
import type { Call } from "./call.ts";

/** A call for interceptors of users and subscribers: nothing of what a side keeps on its calls beside. */
export function seenCall(call: Call): Call {
  return {
    id: call.id,
    command: call.command,
    input: call.input,
    metadata: call.metadata,
    principal: call.principal,
    trace: call.trace,
    receipt: call.receipt,
    oneWay: call.oneWay,
    attempt: call.attempt,
    deadline: call.deadline,
    signal: call.signal,
  };
}
