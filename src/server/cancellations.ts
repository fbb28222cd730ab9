// Calls that their callers have canceled.
import { clock } from "../async/clock.ts";
import { RpcError } from "../wire/errors.ts";
import { Ending } from "./ending.ts";
import { nameOf, type Origin, type RequestIdentity } from "./origin.ts";

/** How long a cancellation is remembered for a request that has not come yet, in milliseconds. */
const REMEMBER_MS = 60_000;
/** Most cancellations that are remembered. */
const MAX_REMEMBERED = 10_000;

/** A call as a cancellation names it. */
export type CallName = Omit<RequestIdentity, "idempotencyKey">;

/**
 * Cancels calls in flight, and those still to come. A cancellation that does not know what was asked
 * is for another call, or from a sender who knows an id and nothing else: the call goes on.
 */
export class Cancellations {
  /** By name; repeats share one. Without a list where there is one call: nearly always. */
  readonly #inFlight = new Map<string, Ending | readonly Ending[]>();
  readonly #canceled = new Map<string, number>();
  readonly #rememberMs: number;

  /** `rememberMs`: a request that was canceled may come again for so long. */
  constructor({ rememberMs = REMEMBER_MS }: { readonly rememberMs?: number | undefined } = {}) {
    this.#rememberMs = rememberMs;
  }

  /** Cancels a call with its name, until {@linkcode Cancellations.unfollow}. */
  follow({ callName: name }: Pick<Origin, "callName">, ending: Ending): void {
    const earlier = this.#inFlight.get(name);
    this.#inFlight.set(name, earlier === undefined ? ending : [...listOf(earlier), ending]);
  }

  unfollow({ callName: name }: Pick<Origin, "callName">, ending: Ending): void {
    const left = listOf(this.#inFlight.get(name)).filter((other) => other !== ending);
    if (left.length === 0) this.#inFlight.delete(name);
    else this.#inFlight.set(name, left);
  }

  /** Cancels a call; says whether it was in flight. */
  cancel(name: CallName): boolean {
    const text = nameOf(name);
    const endings = listOf(this.#inFlight.get(text));
    for (const ending of endings) {
      ending.isCanceled = true;
      ending.abort(new RpcError("canceled", "Cannot go on: the caller canceled the call."));
    }
    // Also one in flight: its record may come a second time.
    const now = clock.wallTime();
    this.#canceled.delete(text);
    this.#canceled.set(text, now);
    for (const [oldest, at] of this.#canceled) {
      if (this.#canceled.size <= MAX_REMEMBERED && at + this.#rememberMs > now) break;
      this.#canceled.delete(oldest);
    }
    return endings.length > 0;
  }

  /** Says whether a call was canceled before it came. */
  isCanceled({ callName: name }: Pick<Origin, "callName">): boolean {
    const at = this.#canceled.get(name);
    return at !== undefined && at + this.#rememberMs > clock.wallTime();
  }
}

function listOf(endings: Ending | readonly Ending[] | undefined): readonly Ending[] {
  if (endings === undefined) return [];
  return endings instanceof Ending ? [endings] : endings;
}
