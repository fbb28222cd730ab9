// A call that was submitted, as its caller sees it.
import type { CallHandle } from "./handles.ts";

/**
 * How far a submitted call is:
 *
 * - `accepted`: Kafka has its request, and no server has answered it
 * - `done`: its reply is there, a result or a failure
 * - `expired`: its deadline passed, and there is no reply
 * - `unknown`: it was answered, or may have been, and the reply is not in the topic any more
 */
export type SubmittedState = "accepted" | "done" | "expired" | "unknown";

/** Options of {@linkcode AttachedCall.result}. */
export interface ResultOptions {
  /** Ends the waiting with the signal's reason when it aborts; the call goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that it waits at most, 1 to 2 147 483 647. Default: until the call's deadline. */
  readonly timeoutMs?: number | undefined;
}

/** Options of {@linkcode AttachedCall.state}. */
export interface StateOptions {
  /** Ends the look with the signal's reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that it looks at most, 1 to 2 147 483 647. Default: 10 000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A submitted call; `Client.attach` gives it.
 *
 * @typeParam Result Of the command, as it arrives.
 */
export interface AttachedCall<Result = unknown> {
  /** What it was made from. */
  readonly handle: CallHandle;
  /**
   * Waits for the result: it is read from the results topic where the reply came while nobody
   * listened, else awaited. It may be asked for again.
   *
   * @param options How long it waits.
   * @returns The result.
   * @throws {RpcError} What the command or its server failed with, at the stage `remote`. At the stage
   * `wait`: `deadline_exceeded` where no reply came in time, `unknown` where the reply may have been
   * removed from the topic, `failed_precondition` where that was made anew. Where `signal` aborted:
   * its reason.
   */
  result(options?: ResultOptions): Promise<Result>;
  /**
   * Tells how far the call is, by what the topics and the servers' commits say just now.
   *
   * @param options How long it looks.
   * @returns Its state.
   * @throws {RpcError} `unavailable` where no broker answers within `timeoutMs`. Where `signal`
   * aborted: its reason.
   */
  state(options?: StateOptions): Promise<SubmittedState>;
}
