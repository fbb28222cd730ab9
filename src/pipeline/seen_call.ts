// What others than the pipeline see of a call.
import type { Call } from "./call.ts";

/** A call for interceptors of users and subscribers: nothing of what a side keeps on its calls beside. */
export function seenCall(call: Call): Call {
  const { id, command, input, metadata, principal, trace, receipt } = call;
  const { attempt, deadline, signal, oneWay } = call;
  const about = { id, command, input, metadata, principal, trace, receipt, oneWay };
  return { ...about, attempt, deadline, signal };
}
