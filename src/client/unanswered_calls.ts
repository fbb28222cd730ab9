// Calls that were sent while servers were leaving.
import { clock, type Timer } from "../async/clock.ts";

/** How often the calls without a reply are looked at, in milliseconds. */
const LOOK_MS = 1_000;
/**
 * For so long after a call was sent, a group without members shows that no server works on it, in
 * milliseconds. A server that leaves in order has answered what it took. One that was killed, or that
 * hangs, stays a member until its session ends: 6 seconds, the least that brokers allow, after its
 * last heartbeat. It may have sent that a second before it took the call. Later than this a group is
 * perhaps empty because such a session ended, and its server may still answer.
 */
const SAFE_MS = 4_000;

/** A call that was sent. */
export interface WatchedCall {
  /** When it was sent at the earliest, by `clock.now()`. */
  readonly sentAt: number;
  /** Whether the group had no member at the last look. */
  isSuspected: boolean;
  /** Ends the call; called at most once. */
  onGone(): void;
}

/**
 * Ends calls that nothing will answer any more: a client believes in its servers for a second after
 * a reply, and what it sends in that second may come to a topic that no server reads any more.
 *
 * It takes two looks in a row: a member whose connection broke leaves and joins again in less than
 * a second, while its commands go on.
 */
export class UnansweredCalls {
  readonly #live: () => true | Promise<boolean>;
  readonly #calls = new Set<WatchedCall>();
  #timer: Timer | undefined;
  #isClosed = false;

  /** `live` gives false only where it is certain that no server listens. */
  constructor(live: () => true | Promise<boolean>) {
    this.#live = live;
  }

  watch(call: WatchedCall): void {
    this.#calls.add(call);
    this.#schedule();
  }

  unwatch(call: WatchedCall): void {
    this.#calls.delete(call);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#calls.clear();
  }

  /** One timer for all calls: most are answered long before it ends. */
  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer ??= clock.timer(LOOK_MS, () => void this.#look(), { background: true });
  }

  async #look(): Promise<void> {
    const calls = [...this.#calls];
    const live = calls.length === 0 || await this.#live();
    // The answer may have taken its time: it says nothing about calls that have aged meanwhile.
    const now = clock.now();
    for (const call of calls) {
      if (now - call.sentAt > SAFE_MS) this.#calls.delete(call);
      else if (live) call.isSuspected = false;
      else if (!call.isSuspected) call.isSuspected = true;
      else if (this.#calls.delete(call)) call.onGone();
    }
    this.#timer = undefined;
    if (this.#calls.size > 0) this.#schedule();
  }
}
