/**
 * The calls that a server works on, by id.
 *
 * @module
 */
import { RpcError } from "../wire/errors.ts";
import type { Outcome } from "../wire/reply.ts";

/** How long a cancellation is remembered for a request that has not come yet, in milliseconds. */
const REMEMBER_MS = 60_000;
/** Most cancellations that are remembered. */
const REMEMBER_MOST = 10_000;

/** One call that is worked on. */
export interface CallUnderWay {
  /** Aborts when its caller gives it up. */
  readonly signal: AbortSignal;
  /** How it ends; undefined where nobody is to be answered. */
  readonly outcome: Promise<Outcome | undefined>;
}

/** Calls by id: a repeated request joins the first, a cancellation finds both. */
export class CallsUnderWay {
  readonly #calls = new Map<string, CallUnderWay & { readonly controller: AbortController }>();
  readonly #canceled = new Map<string, number>();

  /** The call with this id, if it is worked on. */
  get(id: string): CallUnderWay | undefined {
    return this.#calls.get(id);
  }

  /**
   * Works on a call.
   *
   * @param id Its id, which no call under way has.
   * @param work What is done; its signal aborts when the caller gives the call up.
   * @returns The call.
   */
  begin(
    id: string,
    work: (signal: AbortSignal) => Promise<Outcome | undefined>,
  ): CallUnderWay {
    const controller = new AbortController();
    const { signal } = controller;
    const outcome = work(signal).finally(() => this.#calls.delete(id));
    const call = { controller, signal, outcome };
    this.#calls.set(id, call);
    return call;
  }

  /**
   * Cancels a call, also one that is still to come.
   *
   * @param id Its id.
   * @returns Whether it was under way.
   */
  cancel(id: string): boolean {
    const call = this.#calls.get(id);
    call?.controller.abort(new RpcError("canceled", "Cannot go on: the caller gave the call up."));
    // Also one that is under way: its record may come a second time.
    const now = Date.now();
    this.#canceled.delete(id);
    this.#canceled.set(id, now);
    for (const [oldest, at] of this.#canceled) {
      if (this.#canceled.size <= REMEMBER_MOST && at + REMEMBER_MS > now) break;
      this.#canceled.delete(oldest);
    }
    return call !== undefined;
  }

  /** Says whether a call was canceled before it came. */
  isCanceled(id: string): boolean {
    const at = this.#canceled.get(id);
    return at !== undefined && at + REMEMBER_MS > Date.now();
  }
}
