// How a call at a server ends.
import { clock } from "../async/clock.ts";
import { type Deadlines, Timed } from "../async/deadlines.ts";
import type { Turn } from "../executor/executor.ts";
import { RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { CallTimes } from "./call_times.ts";
import type { ServerCounts } from "./counts.ts";
import type { IncomingCall } from "./incoming_call.ts";
import { handedOver, tooBusy, tooLate } from "./refusals.ts";

/** What waits for a call, and is to wait no longer where that is aborted. */
export interface Interruptible {
  interrupt(): void;
}

/**
 * What a policy does when every policy is done with a call; without an outcome where the pipeline
 * failed. May not throw: those after it would not be done. One function for all calls: a closure and
 * a promise of each call, in each policy, take more than all else that a call keeps while it waits.
 */
export type AtEnd = (call: IncomingCall, outcome: Outcome | undefined) => void;

const NOTHING: readonly AtEnd[] = [];

/** What limits the time of a command. */
type Limited = Pick<IncomingCall, "command" | "deadline" | "policy">;

/**
 * What becomes of a call and its record, whatever an interceptor makes of the outcome. All that may
 * abort a call does it here: a signal for each of them, linked by listeners, takes two kilobytes.
 */
export class Ending extends Timed implements Turn {
  /**
   * Unanswered: the record is finished without a reply. Released: its partition goes to another
   * server, the record must come again.
   */
  fate: "answered" | "unanswered" | "released" = "answered";
  /** Unix milliseconds until which the reply is sent again, where that is not the deadline. */
  replyUntil: number | undefined;
  /** Whether a policy has counted it; otherwise its outcome is. */
  counted = false;
  /** Whether the outcome is of this request, and not of one under the same id. */
  own = true;
  /** Whether it got the outcome of the same request, which came before. */
  isRepeat = false;
  /** Whether its caller has canceled it. */
  isCanceled = false;
  /** Whether it waited in an executor for longer than it may. */
  isShed = false;
  /** Where its caller asks for a receipt. */
  times: CallTimes | undefined;
  readonly #deadlines: Deadlines;
  readonly #controller = new AbortController();
  #deferred = NOTHING;
  /** The call, once its time is limited. */
  #limited: Limited | undefined;
  /** Its caller's deadline, in Unix milliseconds. */
  #deadline = 0;
  /** Milliseconds that it had when they began to count. */
  #leftMs = 0;
  /** Unix milliseconds until which it must begin: `queueMs` after it came, or its deadline. */
  #startBy = 0;
  #interruptible: Interruptible | undefined;
  /** Whether it waits for its turn in an executor. */
  #isWaiting = false;
  /** Whether its partition went to another server before it ended. */
  isEvicted = false;

  constructor(deadlines: Deadlines) {
    super();
    this.#deadlines = deadlines;
  }

  /** The signal of the call; its reasons are RpcErrors of this side. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#controller.signal.aborted;
  }

  abort(reason: RpcError): void {
    this.#controller.abort(reason);
    this.#interruptible?.interrupt();
  }

  /**
   * Sets what an abort interrupts, one at a time; undefined: nothing more. A listener at the signal
   * takes half a kilobyte, of each call that waits.
   */
  interrupts(waiting: Interruptible | undefined): void {
    this.#interruptible = waiting;
  }

  /**
   * Aborts the call at its deadline, or when it has taken the `timeoutMs` of its policy from now on;
   * gives the milliseconds that it has.
   */
  limit(call: Limited): number {
    this.#limited = call;
    this.#deadline = call.deadline;
    return this.#runs();
  }

  #runs(): number {
    const { policy: { timeoutMs } } = this.#limited!;
    this.#leftMs = Math.min(this.#deadline - clock.wallTime(), timeoutMs);
    this.#overAfter(this.#leftMs);
    return this.#leftMs;
  }

  #overAfter(milliseconds: number): void {
    if (this.aborted) this.pause();
    else this.#deadlines.set(this, milliseconds);
  }

  onOver(): void {
    const { command, policy } = this.#limited!;
    if (this.#isWaiting) {
      this.isShed = true;
      return this.abort(tooBusy(command, policy.queueMs));
    }
    const text = `Cannot finish "${command}": it ran longer than the ${this.#leftMs} ms ` +
      "that its caller and `limits.timeoutMs` leave it. Raise the shorter of both.";
    this.abort(new RpcError("deadline_exceeded", text));
  }

  /** Lets its command run from now on; gives the milliseconds that it has. */
  allow(call: Limited, startBy: number): number {
    this.#startBy = startBy;
    this.times?.runs();
    return this.limit(call);
  }

  /** A wait inside the executor is no time of the command either: it is one for a slot. */
  waits(): void {
    this.#isWaiting = true;
    this.times?.pauses();
    if (this.isEvicted) return this.#release();
    this.#overAfter(this.#startBy - clock.wallTime());
  }

  begins(): number {
    this.#isWaiting = false;
    this.times?.runs();
    const left = this.#runs();
    if (left <= 0) this.abort(tooLate(this.#limited!.command));
    return clock.wallTime() + left;
  }

  /** Another server has the partition from now on: it runs what waits here, or comes to wait. */
  evict(): void {
    this.isEvicted = true;
    if (this.#isWaiting) this.#release();
  }

  #release(): void {
    if (this.aborted) return;
    this.fate = "released";
    this.abort(handedOver(this.#limited!.command));
  }

  /** Stops to count: a wait for a slot is no time of the command. */
  pause(): void {
    this.#deadlines.cancel(this);
  }

  /** It gets the outcome of the same request, which came before. */
  repeats(counts: Pick<ServerCounts, "repeated">): void {
    counts.repeated++;
    this.isRepeat = true;
    this.counted = true;
  }

  /** Leaves something to be done when every policy is done with the call. */
  defer(work: AtEnd): void {
    // Not by push: it makes room for seventeen.
    this.#deferred = [...this.#deferred, work];
  }

  /** Every policy is done with the call. */
  settle(call: IncomingCall, outcome?: Outcome): void {
    this.pause();
    for (const work of this.#deferred) work(call, outcome);
  }
}

/** The outcome of a call whose signal aborted, without a stack. */
export function outcomeOfAbort({ reason }: AbortSignal): Outcome {
  return outcomeOfError(reason as RpcError);
}

/** What an error of this side says to a caller. */
export function outcomeOfError({ code, message }: RpcError): Outcome {
  return failedOutcome(code, message);
}
