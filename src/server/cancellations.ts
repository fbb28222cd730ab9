/**
 * Calls that their callers have canceled.
 *
 * @module
 */
import { clock } from "../async/clock.ts";
import { RpcError } from "../wire/errors.ts";
import { nameOf, type Origin } from "./origin.ts";

/** How long a cancellation is remembered for a request that has not come yet, in milliseconds. */
const REMEMBER_MS = 60_000;
/** Most cancellations that are remembered. */
const MAX_REMEMBERED = 10_000;

/** A call as a cancellation names it. */
export type CallName = Pick<Origin, "id" | "digest">;

interface InFlight {
  readonly controller: AbortController;
  /** Requests with this name: repeats share a controller. */
  requests: number;
}

/**
 * Cancels calls in flight, and those still to come. A cancellation that does not know what was asked
 * is for another call, or from a sender who knows an id and nothing else: the call goes on.
 */
export class Cancellations {
  readonly #inFlight = new Map<string, InFlight>();
  readonly #canceled = new Map<string, number>();

  /** A signal that aborts when the call is canceled, until it is disposed of. */
  follow(name: CallName): { readonly signal: AbortSignal } & Disposable {
    const text = nameOf(name);
    const call = this.#inFlight.get(text) ?? { controller: new AbortController(), requests: 0 };
    call.requests++;
    this.#inFlight.set(text, call);
    return {
      signal: call.controller.signal,
      [Symbol.dispose]: () => {
        if (--call.requests === 0) this.#inFlight.delete(text);
      },
    };
  }

  /** Cancels a call; says whether it was in flight. */
  cancel(name: CallName): boolean {
    const text = nameOf(name);
    const call = this.#inFlight.get(text);
    call?.controller.abort(new RpcError("canceled", "Cannot go on: the caller canceled the call."));
    // Also one in flight: its record may come a second time.
    const now = clock.wallTime();
    this.#canceled.delete(text);
    this.#canceled.set(text, now);
    for (const [oldest, at] of this.#canceled) {
      if (this.#canceled.size <= MAX_REMEMBERED && at + REMEMBER_MS > now) break;
      this.#canceled.delete(oldest);
    }
    return call !== undefined;
  }

  /** Says whether a call was canceled before it came. */
  isCanceled(name: CallName): boolean {
    const at = this.#canceled.get(nameOf(name));
    return at !== undefined && at + REMEMBER_MS > clock.wallTime();
  }
}
