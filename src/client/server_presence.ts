// Whether any server listens.
import { clock } from "../async/clock.ts";
import { withDeadline } from "../async/deadline.ts";

/** How long an answer holds, in milliseconds. */
const FRESH_MS = 1_000;
/**
 * Longest wait for the cluster's answer, in milliseconds. It takes a few, but for a new cluster,
 * which makes its first coordinator when it is asked: there most clients wait for a server in vain.
 */
const ANSWER_MS = 2_000;
/** How long nobody asks again where it can't be found out, in milliseconds. */
const UNKNOWN_MS = 10_000;
/** How long servers may take to join again after an outage, in milliseconds: a session and a little. */
const REJOIN_MS = 10_000;
/**
 * How long a reply shows that a server listens, in milliseconds. Its group need not have a member:
 * servers may choose their partitions themselves (`assign()`).
 */
const HEARD_MS = 10_000;
/** How much later than its last heartbeat a reply of a member may come, in milliseconds. */
const IN_FLIGHT_MS = 1_000;

/**
 * Knows whether any server listens: the cluster says so of members of their consumer group, a reply
 * of any server.
 */
export class ServerPresence {
  readonly #question: (signal: AbortSignal) => Promise<boolean | undefined>;
  #heldUntil = -Infinity;
  #heardAt = -Infinity;
  /** Since when the group is known to have no member; -Infinity before anything is known. */
  #emptySince = -Infinity;
  /** Whether a server answers that is no member of the group. */
  #isOutside = false;
  #asking: Promise<boolean> | undefined;
  #unknown = false;
  #isConnected = true;
  readonly #closing = new AbortController();

  /** `ask` asks the cluster about the group of the servers; undefined is "can't be found out". */
  constructor(ask: (signal: AbortSignal) => Promise<boolean | undefined>) {
    this.#question = ask;
  }

  /** Notes that a server has answered. */
  heard(): void {
    const now = this.#heardAt = clock.now();
    this.#hold(FRESH_MS, now);
    if (this.#isOutside || now - this.#emptySince < IN_FLIGHT_MS) return;
    // Unless the group has a member by now: the answer to this question says so.
    this.#isOutside = true;
    void this.#ask();
  }

  /**
   * Notes that brokers were out of reach, perhaps for the servers too: their group may be empty
   * for a moment though they are there, and a call that is sent now is answered then.
   */
  outage(): void {
    this.#hold(REJOIN_MS);
  }

  /**
   * Notes that replies can't come, or come again. An outage may be longer than it is believed for:
   * it ends when the results stream is reconnected, and the servers join after that.
   */
  connected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    this.outage();
  }

  /** Ends a question that is not answered yet. */
  close(): void {
    this.#closing.abort();
  }

  /** Takes it for granted that a server listens, for a time. */
  #hold(milliseconds: number, now = clock.now()): void {
    this.#heldUntil = Math.max(this.#heldUntil, now + milliseconds);
  }

  /**
   * Whether a call may be sent, because a server listens or did lately. True where that is known:
   * nobody need wait.
   */
  live(): true | Promise<boolean> {
    return clock.now() - this.#heardAt < HEARD_MS ? true : this.#hasMember();
  }

  /**
   * Whether a call that was sent may still be answered: a group that has lost its last member
   * answers nothing any more, whatever it has answered before.
   */
  mayAnswer(): true | Promise<boolean> {
    return this.#isOutside ? true : this.#hasMember();
  }

  #hasMember(): true | Promise<boolean> {
    if (!this.#isConnected || clock.now() < this.#heldUntil) return true;
    const asking = this.#ask();
    // Where the last answer was none, nobody waits for the next.
    return this.#unknown ? true : asking;
  }

  #ask(): Promise<boolean> {
    return this.#asking ??= this.#describe().finally(() => this.#asking = undefined);
  }

  async #describe(): Promise<boolean> {
    const { signal } = this.#closing;
    const bounds = { timeoutMs: ANSWER_MS, signal, background: true };
    // Where it can't be found out, or not in time, the call simply goes on.
    const live = await withDeadline(this.#question(signal), bounds).catch(() => undefined);
    this.#unknown = live === undefined;
    if (live) {
      this.#emptySince = Infinity;
      this.#isOutside = false;
    } else if (live === false && this.#emptySince === Infinity) this.#emptySince = clock.now();
    if (live !== false) this.#hold(live ? FRESH_MS : UNKNOWN_MS);
    return live ?? true;
  }
}
