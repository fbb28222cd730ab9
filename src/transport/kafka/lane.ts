/**
 * Connections for one purpose.
 *
 * @module
 */
import type { Answers, Api, Requests } from "./port.ts";

/** How long to wait for an answer. */
export interface SendOptions {
  /** Ends the wait; it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /**
   * Longest time without a byte from the broker while the answer is due, in milliseconds. Default:
   * {@linkcode Lane.patienceMs}; a long poll adds its own wait to that.
   */
  readonly silenceMs?: number | undefined;
}

/**
 * Connections for one purpose, at most one a broker: a parked request holds back everything behind
 * it on its connection, so each purpose has its own.
 */
export interface Lane extends Disposable {
  /** Longest silence after a quick question just now: it grows after late answers. */
  readonly patienceMs: number;
  /**
   * Sends to one broker. Opens the connection where there is none, and waits first as long as
   * earlier answers of it demand. Error codes inside the answer are not judged.
   *
   * @param to Node id, or `any`: a known or bootstrap broker that answers.
   * @throws {ConnectionFailed} Where it ended before the answer; also after too long a silence.
   */
  send<A extends Api>(
    to: number | "any",
    api: A,
    request: Requests[A],
    options: SendOptions,
  ): Promise<Answers[A]>;
  /** Ends its connections; the next request opens new ones. */
  reset(): void;
  /** Ends its connections for good. */
  close(): void;
}
