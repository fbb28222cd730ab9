/**
 * The time that a call may take.
 *
 * @module
 */
import { clock, type Timer } from "../async/clock.ts";
import { type LinkedSignal, linkSignals } from "../async/linked_signal.ts";
import type { Call } from "../pipeline/call.ts";
import { RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import type { Outcome } from "../wire/outcome.ts";

/** The outcome of a call whose signal aborted: its reasons are RpcErrors of this side, without a stack. */
export function outcomeOfAbort({ reason }: AbortSignal): Outcome {
  const { code, message } = reason as RpcError;
  return failedOutcome(code, message);
}

/** A signal that aborts with a call, when the server stops, and when the time is over. */
export class TimeLimit implements Disposable {
  readonly #command: string;
  readonly #linked: LinkedSignal;
  #timer: Timer | undefined;

  constructor({ command, signal }: Call, stopping: AbortSignal) {
    this.#command = command;
    this.#linked = linkSignals(signal, stopping);
  }

  get signal(): AbortSignal {
    return this.#linked.signal;
  }

  /** Begins to count, from now on. */
  start(milliseconds: number): void {
    this.pause();
    if (this.signal.aborted) return;
    this.#timer = clock.timer(milliseconds, () => {
      const text = `Cannot finish "${this.#command}": it ran longer than the ${milliseconds} ms ` +
        "that its caller and `limits.timeoutMs` leave it.";
      this.abort(new RpcError("deadline_exceeded", text));
    });
  }

  /** Stops to count: a wait for a slot is no time of the command. */
  pause(): void {
    this.#timer?.cancel();
  }

  abort(reason: RpcError): void {
    this.#linked.abort(reason);
  }

  [Symbol.dispose](): void {
    this.pause();
    this.#linked[Symbol.dispose]();
  }
}
