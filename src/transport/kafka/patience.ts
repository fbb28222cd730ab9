/**
 * How long an answer is waited for.
 *
 * @module
 */

/** A time limit that grows while answers come late, and shrinks again when they come soon. */
export class Patience {
  readonly #leastMs: number;
  readonly #mostMs: number;
  #limitMs: number;

  /**
   * Begins at the shortest limit.
   *
   * @param leastMs Shortest limit in milliseconds.
   * @param mostMs Longest limit.
   */
  constructor(leastMs: number, mostMs: number) {
    this.#leastMs = this.#limitMs = leastMs;
    this.#mostMs = mostMs;
  }

  /** The limit just now, in milliseconds. */
  get limitMs(): number {
    return this.#limitMs;
  }

  /**
   * Notes that an answer did not come within a limit. Those that were waited for beside it, with the
   * same limit, say no more than it does.
   */
  late(limitMs: number): void {
    this.#limitMs = Math.max(this.#limitMs, Math.min(2 * limitMs, this.#mostMs));
  }

  /** Notes how long an answer took. */
  answered(tookMs: number): void {
    if (tookMs < this.#limitMs / 4) this.#limitMs = Math.max(this.#limitMs / 2, this.#leastMs);
  }
}
