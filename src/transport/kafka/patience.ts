// How long an answer is waited for.

/** A time limit that grows while answers come late, and shrinks again when they come soon. */
export class Patience {
  readonly #minMs: number;
  readonly #maxMs: number;
  #limitMs: number;

  constructor(minMs: number, maxMs: number) {
    this.#minMs = this.#limitMs = minMs;
    this.#maxMs = maxMs;
  }

  get limitMs(): number {
    return this.#limitMs;
  }

  /**
   * Notes that an answer did not come within a limit. Those that were waited for beside it, with the
   * same limit, say no more than it does.
   */
  late(limitMs: number): void {
    this.#limitMs = Math.max(this.#limitMs, Math.min(2 * limitMs, this.#maxMs));
  }

  answered(tookMs: number): void {
    if (tookMs < this.#limitMs / 4) this.#limitMs = Math.max(this.#limitMs / 2, this.#minMs);
  }
}
