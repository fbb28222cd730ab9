// Calls that their callers have canceled.
import { clock } from "../async/clock.ts";
import { RpcError } from "../wire/errors.ts";
import type { Ending } from "./incoming_call.ts";
import { nameOf, type Origin } from "./origin.ts";

/** How long a cancellation is remembered for a request that has not come yet, in milliseconds. */
const REMEMBER_MS = 60_000;
/** Most cancellations that are remembered. */
const MAX_REMEMBERED = 10_000;

/** A call as a cancellation names it. */
export type CallName = Pick<Origin, "id" | "digest">;

/**
 * Cancels calls in flight, and those still to come. A cancellation that does not know what was asked
 * is for another call, or from a sender who knows an id and nothing else: the call goes on.
 */
export class Cancellations {
  /** By name; repeats share one. */
  readonly #inFlight = new Map<string, Ending[]>();
  readonly #canceled = new Map<string, number>();

  /** Cancels a call with its name, until the function that it gives is called. */
  follow(name: CallName, ending: Ending): () => void {
    const text = nameOf(name);
    const endings = this.#inFlight.get(text) ?? [];
    if (endings.push(ending) === 1) this.#inFlight.set(text, endings);
    return () => {
      endings.splice(endings.indexOf(ending), 1);
      if (endings.length === 0) this.#inFlight.delete(text);
    };
  }

  /** Cancels a call; says whether it was in flight. */
  cancel(name: CallName): boolean {
    const text = nameOf(name);
    const endings = this.#inFlight.get(text);
    for (const ending of endings ?? []) {
      ending.isCanceled = true;
      ending.abort(new RpcError("canceled", "Cannot go on: the caller canceled the call."));
    }
    // Also one in flight: its record may come a second time.
    const now = clock.wallTime();
    this.#canceled.delete(text);
    this.#canceled.set(text, now);
    for (const [oldest, at] of this.#canceled) {
      if (this.#canceled.size <= MAX_REMEMBERED && at + REMEMBER_MS > now) break;
      this.#canceled.delete(oldest);
    }
    return endings !== undefined;
  }

  /** Says whether a call was canceled before it came. */
  isCanceled(name: CallName): boolean {
    // Nearly always none: the name is not put together for that.
    if (this.#canceled.size === 0) return false;
    const at = this.#canceled.get(nameOf(name));
    return at !== undefined && at + REMEMBER_MS > clock.wallTime();
  }
}
