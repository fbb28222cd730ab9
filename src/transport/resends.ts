/**
 * Records that wait to be sent again.
 *
 * @module
 */
import { pause, type WaitBounds } from "./bounded.ts";

/** Where some brokers take records and others don't, nobody is woken more often than this. */
const WAKE_EVERY_MS = 250;
/** After so long without any success it is an outage of all brokers. */
const OUTAGE_MS = 1_000;
/** In an outage about so many records a second are sent to see whether it is over. */
const PROBES_A_SECOND = 50;

/** How long a record waits, and how long it is worth sending. */
export interface ResendBounds extends WaitBounds {
  /** Unix milliseconds until which it is sent again. */
  readonly until: number;
}

interface Waiting {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * Where records wait that no broker took. Each has a back-off of its own, since what fails one of
 * them need not fail the next: their partitions have different leaders. While none gets through at
 * all, the more wait, the less often each of them tries. The first success after that ends the wait
 * of all, and those that have the least time left go first: by chance they would be sent behind the
 * thousands that came after them.
 */
export class Resends {
  readonly #waiting = new Set<Waiting>();
  #failing = false;
  #wokenAt = -Infinity;
  #succeededAt = -Infinity;

  /** Records that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Waits before a record is sent again; never rejects.
   *
   * @param delayMs Longest wait where any record gets through, in milliseconds.
   * @param bounds The record's time, and a signal that ends the wait.
   */
  async wait(delayMs: number, bounds: ResendBounds): Promise<void> {
    let waiting: Waiting | undefined;
    const outage = performance.now() - this.#succeededAt > OUTAGE_MS;
    const share = outage ? this.#waiting.size / PROBES_A_SECOND * 1_000 : 0;
    await pause(Math.min(delayMs + share, bounds.until - Date.now()), bounds, (wake) => {
      waiting = { until: bounds.until, wake };
      this.#waiting.add(waiting);
    });
    if (waiting !== undefined) this.#waiting.delete(waiting);
  }

  /** Notes that records could not be sent. */
  failed(): void {
    this.#failing = true;
  }

  /** Notes that records were sent. */
  succeeded(): void {
    const now = performance.now();
    this.#succeededAt = now;
    if (!this.#failing || now - this.#wokenAt < WAKE_EVERY_MS) return;
    this.#failing = false;
    this.#wokenAt = now;
    for (const { wake } of [...this.#waiting].sort((a, b) => a.until - b.until)) wake();
  }
}
