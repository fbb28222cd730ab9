// One attempt: its request is sent, and its reply is waited for.
import { clock } from "../async/clock.ts";
import type { CallHandler } from "../pipeline/call.ts";
import type { ProduceOptions, ProduceRetries } from "../transport/produce_retries.ts";
import { requestDigest } from "../wire/digest.ts";
import { remoteError } from "../wire/failure.ts";
import type { Outcome } from "../wire/outcome.ts";
import { writeRequest } from "../wire/request.ts";
import { failedBy, gone, overdue, unacknowledged, unsent } from "./call_errors.ts";
import { failed, msLeft, type OutgoingCall } from "./outgoing_call.ts";
import { type PendingCalls, WaitingCall } from "./pending_calls.ts";
import { acknowledged, answered, sent } from "./receipts.ts";
import type { Reply, ResultsStream } from "./results_stream.ts";
import type { ServerPresence } from "./server_presence.ts";
import type { UnansweredCalls, WatchedCall } from "./unanswered_calls.ts";

/** Why a record is not sent again; without a reason of its own each abort would make an error. */
const SETTLED = "the call is settled";

export interface SendingParts {
  /** Topic of the requests, and the group of the servers. */
  readonly place: { readonly topic: string; readonly group: string };
  readonly sending: Pick<ProduceRetries, "produce">;
  readonly pending: PendingCalls<Reply>;
  readonly results: Pick<ResultsStream, "topic" | "partition">;
  readonly presence: Pick<ServerPresence, "outage">;
  /** Calls that perhaps no server answers any more. */
  readonly unanswered: Pick<UnansweredCalls, "watch" | "unwatch">;
  /** Cancels a call at the servers, which know by themselves after `until`. */
  readonly cancel: (call: { id: string; digest: string }, until: number) => void;
}

/** What stands at the end of a client's pipeline. */
export function sendAndWait(parts: SendingParts): CallHandler<OutgoingCall> {
  return (call) => new Attempt(parts, call).run();
}

/** One object for all that look at an attempt: thousands wait at a time. */
class Attempt extends WaitingCall<Reply> implements WatchedCall, ProduceOptions {
  readonly #parts: SendingParts;
  readonly #call: OutgoingCall;
  readonly digest: string;
  sentAt = Infinity;
  isSuspected = false;
  #isSettled = false;
  /** Until its record is acknowledged. */
  #unwanted: AbortController | undefined = new AbortController();
  #problem: unknown;
  #resolve!: (outcome: Outcome | Promise<never>) => void;

  constructor(parts: SendingParts, call: OutgoingCall) {
    super();
    this.#parts = parts;
    this.#call = call;
    this.digest = requestDigest(call);
  }

  get command(): string {
    return this.#call.command;
  }

  get caller(): AbortSignal | undefined {
    return this.#call.caller;
  }

  get timeoutMs(): number {
    return msLeft(this.#call);
  }

  get until(): number {
    return this.#call.deadline;
  }

  get signal(): AbortSignal | undefined {
    return this.#unwanted?.signal;
  }

  onRetry(error: unknown): void {
    this.#problem = error;
    this.#parts.presence.outage();
  }

  onOver(): void {
    const { id, timeoutMs, progress } = this.#call;
    const error = progress.stage === "wait"
      ? overdue(this.#call, timeoutMs)
      : unacknowledged(this.#call, timeoutMs, this.#problem);
    this.#parts.pending.reject(id, error);
  }

  onGone(): void {
    const { pending, place } = this.#parts;
    pending.reject(this.#call.id, gone(this.#call, place));
    // For a server that comes in this moment.
    this.#cancel();
  }

  /** No async function, nor below: each keeps half a kilobyte, of thousands of calls. */
  run(): Promise<Outcome> {
    const outcome = new Promise<Outcome>((resolve) => this.#resolve = resolve);
    try {
      // Registered first: the reply may come before the acknowledgement of the request, and
      // deadline, signal and close must end the call whatever it waits for.
      this.#parts.pending.register(this.#call.id, this);
      this.#send();
    } catch (error) {
      this.fail(error);
    }
    return outcome;
  }

  take(reply: Reply): void {
    this.#settle();
    try {
      this.#resolve(this.#outcomeOf(reply));
    } catch (error) {
      this.#resolve(Promise.reject(error));
    }
  }

  fail(error: unknown): void {
    this.#settle();
    if (this.caller?.aborted) this.#cancel();
    try {
      this.#resolve(failedBy(error, this.#call));
    } catch (error) {
      this.#resolve(Promise.reject(error));
    }
  }

  #outcomeOf(reply: Reply): Outcome {
    const { outcome } = reply;
    const { id, command, progress, receipt } = this.#call;
    if (receipt !== undefined) answered(receipt, this.sentAt, reply);
    progress.stage = "remote";
    return outcome.ok ? outcome : failed(remoteError(outcome.failure, { command, id }));
  }

  /** Whatever settled it: nobody wants its record any more. */
  #settle(): void {
    this.#isSettled = true;
    this.#parts.unanswered.unwatch(this);
    this.#unwanted?.abort(SETTLED);
  }

  #send(): void {
    const { place, results, sending } = this.#parts;
    const call = this.#call;
    try {
      const { receipt, attempt } = call;
      const replyTo = {
        replyTopic: results.topic,
        replyPartition: results.partition,
        wantsReceipt: receipt !== undefined,
      };
      const record = writeRequest(place.topic, call, replyTo);
      call.progress.stage = "send";
      this.sentAt = clock.now();
      if (receipt !== undefined) sent(receipt, attempt);
      sending.produce(record, this).then(
        () => this.#acknowledged(),
        (error) => this.#refused(error),
      );
    } catch (error) {
      this.#refused(error);
    }
  }

  #acknowledged(): void {
    this.#unwanted = undefined;
    // The id may be another attempt's by now.
    if (this.#isSettled) return;
    const { progress, receipt, waitForServer } = this.#call;
    progress.stage = "wait";
    if (receipt !== undefined) acknowledged(receipt, this.sentAt);
    if (!waitForServer) this.#parts.unanswered.watch(this);
  }

  #refused(error: unknown): void {
    const call = this.#call;
    if (!this.#isSettled) this.#parts.pending.reject(call.id, unsent(error, call));
  }

  #cancel(): void {
    const { id, deadline } = this.#call;
    this.#parts.cancel({ id, digest: this.digest }, deadline);
  }
}
