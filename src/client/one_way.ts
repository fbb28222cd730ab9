// Calls that nobody waits for: they end with the acknowledgement of their request.
import { withDeadline } from "../async/deadline.ts";
import { linkSignals } from "../async/linked_signal.ts";
import type { CallHandler } from "../pipeline/call.ts";
import type { ProduceRetries } from "../transport/produce_retries.ts";
import { RpcError } from "../wire/errors.ts";
import { NO_VALUE } from "../wire/outcome.ts";
import type { OutgoingRecord } from "../wire/record.ts";
import { writeRequest } from "../wire/request.ts";
import { abandoned, failedBy, unacknowledged, unsent } from "./call_errors.ts";
import { failed, msLeft, type OutgoingCall } from "./outgoing_call.ts";

/** Why a record is not sent again. */
const SETTLED = "the call is settled";

export interface UnawaitedParts {
  readonly topic: string;
  readonly sending: Pick<ProduceRetries, "produce">;
  /** Of the client. */
  readonly closing: AbortSignal;
}

/** What stands at the end of the pipeline of one-way calls. */
export function sendOneWay(parts: UnawaitedParts): CallHandler<OutgoingCall> {
  return sendUnawaited(parts, (call, topic) => {
    return writeRequest(topic, { ...call, deadline: call.expiresAt }, { oneWay: true });
  });
}

/** What stands at the end of the pipeline of calls that end with their acknowledgement. */
export function sendUnawaited(
  { topic, sending, closing }: UnawaitedParts,
  write: (call: OutgoingCall, topic: string) => OutgoingRecord,
): CallHandler<OutgoingCall> {
  return async (call) => {
    const { caller, progress, timeoutMs } = call;
    using ends = linkSignals(caller, closing);
    let problem: unknown;
    const onRetry = (error: unknown) => void (problem = error);
    try {
      const record = write(call, topic);
      progress.stage = "send";
      const options = { until: call.deadline, signal: ends.signal, onRetry };
      const bounds = { signal: ends.signal, timeoutMs: msLeft(call) };
      const late = () => unacknowledged(call, timeoutMs, problem);
      await withDeadline(sending.produce(record, options), bounds, late);
      return NO_VALUE;
    } catch (error) {
      if (!caller?.aborted && closing.aborted) return failed(abandoned(call, "send"));
      const isOfCall = error instanceof RpcError && error.stage !== undefined;
      return failedBy(isOfCall || caller?.aborted ? error : unsent(error, call), call);
    } finally {
      ends.abort(SETTLED);
    }
  };
}
