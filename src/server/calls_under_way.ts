/**
 * The calls that a server works on, by id.
 *
 * @module
 */
import { clock } from "../async/clock.ts";
import { RpcError } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Origin } from "./origin.ts";

/** How long a cancellation is remembered for a request that has not come yet, in milliseconds. */
const REMEMBER_MS = 60_000;
/** Most cancellations that are remembered. */
const REMEMBER_MOST = 10_000;

/** One call that is worked on. */
export interface CallUnderWay {
  /** The request that runs. */
  readonly origin: Origin;
  /** Aborts when its caller cancels it. */
  readonly signal: AbortSignal;
  /** How it ends; undefined where nobody is to be answered. */
  readonly outcome: Promise<Outcome | undefined>;
}

/** A call as a cancellation names it. */
export type CallName = Pick<Origin, "id" | "digest">;

const textOf = ({ id, digest }: CallName): string => `${digest} ${id}`;

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
   * @param origin Its request, with an id that no call under way has.
   * @param work What is done; its signal aborts when the caller cancels the call.
   * @returns The call.
   */
  begin(
    origin: Origin,
    work: (signal: AbortSignal) => Promise<Outcome | undefined>,
  ): CallUnderWay {
    const { id } = origin;
    const controller = new AbortController();
    const { signal } = controller;
    const outcome = work(signal).finally(() => this.#calls.delete(id));
    const call = { origin, controller, signal, outcome };
    this.#calls.set(id, call);
    return call;
  }

  /**
   * Cancels a call, also one that is still to come. A cancellation that does not know what was asked
   * is for another call, or of somebody who knows an id and nothing else: the call goes on.
   *
   * @param name The call.
   * @returns Whether it was under way.
   */
  cancel(name: CallName): boolean {
    const call = this.#calls.get(name.id);
    const found = call?.origin.digest === name.digest;
    if (found) {
      call?.controller.abort(
        new RpcError("canceled", "Cannot go on: the caller gave the call up."),
      );
    }
    // Also one that is under way: its record may come a second time.
    const now = clock.wallTime();
    const text = textOf(name);
    this.#canceled.delete(text);
    this.#canceled.set(text, now);
    for (const [oldest, at] of this.#canceled) {
      if (this.#canceled.size <= REMEMBER_MOST && at + REMEMBER_MS > now) break;
      this.#canceled.delete(oldest);
    }
    return found;
  }

  /** Says whether a call was canceled before it came. */
  isCanceled(name: CallName): boolean {
    const at = this.#canceled.get(textOf(name));
    return at !== undefined && at + REMEMBER_MS > clock.wallTime();
  }
}
