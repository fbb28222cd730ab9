/**
 * One attempt: its request is sent, and its reply is waited for.
 *
 * @module
 */
import { clock } from "../async/clock.ts";
import type { CallHandler } from "../pipeline/call.ts";
import type { ProduceRetries } from "../transport/produce_retries.ts";
import { requestDigest } from "../wire/digest.ts";
import { remoteError } from "../wire/failure.ts";
import { writeRequest } from "../wire/request.ts";
import { failedBy, gone, overdue, unacknowledged, unsent } from "./call_errors.ts";
import { failed, msLeft, type OutgoingCall } from "./outgoing_call.ts";
import type { PendingCalls } from "./pending_calls.ts";
import type { Reply, ResultsStream } from "./results_stream.ts";
import type { ServerPresence } from "./server_presence.ts";
import type { UnansweredCalls } from "./unanswered_calls.ts";

/** Why a record is not sent again; without a reason of its own each abort would make an error. */
const SETTLED = "the call is settled";

/** What sending and waiting needs. */
export interface SendingParts {
  /** Topic of the requests, and the group of the servers. */
  readonly place: { readonly topic: string; readonly group: string };
  /** What to send with. */
  readonly sending: Pick<ProduceRetries, "produce">;
  /** Who waits. */
  readonly pending: PendingCalls<Reply>;
  /** Where replies come. */
  readonly results: Pick<ResultsStream, "topic" | "partition">;
  /** Whether any server listens. */
  readonly presence: Pick<ServerPresence, "outage">;
  /** Calls that perhaps no server answers any more. */
  readonly unanswered: Pick<UnansweredCalls, "watch">;
  /** Cancels a call at the servers, which know by themselves after `until`. */
  readonly cancel: (call: { id: string; digest: string }, until: number) => void;
}

/**
 * Makes what stands at the end of a client's pipeline.
 *
 * @param parts What it needs.
 * @returns The handler of an attempt.
 */
export function sendAndWait(parts: SendingParts): CallHandler<OutgoingCall> {
  const { place, sending, pending, results, presence, unanswered, cancel } = parts;
  return async (call) => {
    const { id, command, deadline, caller, progress, timeoutMs } = call;
    const digest = requestDigest(call);
    const replyTo = { replyTopic: results.topic, replyPartition: results.partition };
    const record = writeRequest(place.topic, { ...call, ...replyTo });
    const settled = new AbortController();
    let problem: unknown;
    let unwatch: (() => void) | undefined;
    const onRetry = (error: unknown) => {
      problem = error;
      presence.outage();
    };
    const send = async () => {
      progress.stage = "send";
      const sentAt = clock.now();
      await sending.produce(record, { until: deadline, onRetry, signal: settled.signal });
      // The id may be another attempt's by now.
      if (settled.signal.aborted) return;
      progress.stage = "wait";
      if (call.waitForServer) return;
      unwatch = unanswered.watch(sentAt, () => {
        pending.reject(id, gone(call, place));
        // For a server that comes in this moment.
        cancel({ id, digest }, deadline);
      });
    };
    try {
      // Registered first: the reply may come before the acknowledgement of the request, and
      // deadline, signal and close must end the call whatever it waits for.
      const waiting = pending.register(id, {
        command,
        digest,
        signal: caller,
        timeoutMs: msLeft(call),
        overdue: () => {
          return progress.stage === "wait"
            ? overdue(call, timeoutMs)
            : unacknowledged(call, timeoutMs, problem);
        },
      });
      send().catch((error) => {
        if (!settled.signal.aborted) pending.reject(id, unsent(error, call));
      });
      const { outcome } = await waiting;
      progress.stage = "remote";
      return outcome.ok ? outcome : failed(remoteError(outcome.failure, { command, id }));
    } catch (error) {
      if (caller?.aborted) cancel({ id, digest }, deadline);
      return failedBy(error, call);
    } finally {
      unwatch?.();
      // Whatever settled it: nobody wants its record any more.
      settled.abort(SETTLED);
    }
  };
}
