// The values of one stream, as the caller's loop takes them.
import { clock, type Timer } from "../../async/clock.ts";
import { IdleTimer } from "../../async/idle_timer.ts";
import type { Outcome, Payload } from "../../wire/outcome.ts";

/**
 * The values of a stream, for one loop. Nothing is sent before the first value is asked for. Leaving
 * the loop cancels the command; so does disposal.
 *
 * @typeParam Value What the command yields, as it arrives.
 * @typeParam Result What its generator returns, which a loop does not see.
 */
export interface ReplyStream<Value, Result = unknown>
  extends AsyncIterableIterator<Value, Result, void>, AsyncDisposable {
  /** Cancels the command; values that have come are dropped. */
  return(value?: Result | PromiseLike<Result>): Promise<IteratorResult<Value, Result>>;
  /** The same as `return()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a stream needs of its call. */
export interface StreamCall {
  /** Sends it; resolves when it has ended. */
  readonly send: (target: ValueTarget) => Promise<Outcome>;
  readonly decode: (output: Payload) => unknown;
  /** Points an error at the line of the caller. */
  readonly pointed: (error: unknown) => unknown;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly totalTimeoutMs: number | undefined;
  readonly onIdle: () => unknown;
  readonly onTooLong: () => unknown;
}

/** Where the values of a call go, and how many it takes beyond those that the loop has taken. */
export interface StreamTarget {
  readonly target: ValueTarget;
  readonly window: number;
  readonly windowBytes: number;
}

/** Where the attempts of a stream put its values. */
export interface ValueTarget {
  /** Aborts when nobody wants another value; its reason is what the loop gets, if anything. */
  readonly signal: AbortSignal;
  /** Whether a frame has come: it is not sent again. */
  hasBegun: boolean;
  /** Called once, when the first frame comes. */
  onBegun: () => void;
  /** Called with the bytes of each value that the loop takes. */
  onTaken: (bytes: number) => void;
  /** Takes the next value. */
  arrive(value: Payload): void;
}

/** Why a command is canceled whose loop was left; a reason of its own spares an error. */
const LEFT = "the loop was left";

type Step = IteratorResult<unknown, unknown>;

export class ValueStream implements ReplyStream<unknown>, ValueTarget {
  readonly #call: StreamCall;
  readonly #left = new AbortController();
  readonly #queue: Payload[] = [];
  readonly #waiting: PromiseWithResolvers<Step>[] = [];
  /** How it ended; it is seen when the queue is empty. */
  #end: (() => Step) | undefined;
  #isSent = false;
  readonly #idle: IdleTimer;
  #total: Timer | undefined;
  hasBegun = false;
  onBegun: () => void = () => {};
  onTaken: (bytes: number) => void = () => {};

  constructor(call: StreamCall) {
    this.#call = call;
    this.#idle = new IdleTimer(call.timeoutMs, () => this.#leave(call.onIdle()));
  }

  get signal(): AbortSignal {
    return this.#left.signal;
  }

  next(): Promise<Step> {
    if (!this.#isSent) this.#send();
    const waiting = Promise.withResolvers<Step>();
    this.#waiting.push(waiting);
    this.#deliver();
    return waiting.promise;
  }

  return(value?: unknown): Promise<Step> {
    this.#isSent = true;
    this.#finish(() => ({ done: true, value: undefined }), LEFT);
    return Promise.resolve(value).then((value) => ({ done: true, value }));
  }

  throw(error?: unknown): Promise<Step> {
    void this.return();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  arrive(value: Payload): void {
    if (this.#end !== undefined) return;
    // A view would keep all that was fetched with it.
    const isAwaited = this.#queue.length < this.#waiting.length;
    this.#queue.push(isAwaited ? value : { ...value, bytes: value.bytes.slice() });
    this.#deliver();
  }

  #send(): void {
    this.#isSent = true;
    const { signal, send, totalTimeoutMs, onTooLong } = this.#call;
    if (totalTimeoutMs !== undefined) {
      this.#total = clock.timer(totalTimeoutMs, () => this.#leave(onTooLong()));
    }
    const abort = () => this.#leave(signal?.reason);
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    Promise.try(send, this).then((outcome) => this.#ended(outcome), (error) => this.#leave(error))
      .finally(() => signal?.removeEventListener("abort", abort));
  }

  #ended(outcome: Outcome): void {
    this.#end ??= () => {
      if (!outcome.ok) throw outcome.failure;
      return { done: true, value: this.#call.decode(outcome.output) };
    };
    this.#deliver();
  }

  /** Ends it on this side, at once. */
  #leave(reason: unknown): void {
    this.#finish(() => {
      throw reason;
    }, reason);
  }

  #finish(end: () => Step, reason: unknown): void {
    if (this.#end !== undefined && this.#queue.length === 0) return;
    this.#queue.length = 0;
    this.#end = end;
    this.#left.abort(reason);
    this.#deliver();
  }

  #deliver(): void {
    while (this.#waiting.length > 0 && (this.#queue.length > 0 || this.#end !== undefined)) {
      this.#idle.end();
      const { resolve, reject } = this.#waiting.shift()!;
      try {
        resolve(this.#step());
      } catch (error) {
        reject(this.#call.pointed(error));
      }
    }
    if (this.#end !== undefined) {
      this.#idle.stop();
      this.#total?.cancel();
    } else if (this.#waiting.length > 0) this.#idle.begin();
  }

  #step(): Step {
    const value = this.#queue.shift();
    if (value === undefined) {
      const end = this.#end!;
      // The error comes once; the next call gets the end.
      this.#end = () => ({ done: true, value: undefined });
      return end();
    }
    this.onTaken(value.bytes.byteLength);
    try {
      return { done: false, value: this.#call.decode(value) };
    } catch (error) {
      this.#finish(() => ({ done: true, value: undefined }), error);
      throw error;
    }
  }
}
