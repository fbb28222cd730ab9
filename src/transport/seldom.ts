/**
 * Log lines that would flood the log.
 *
 * @module
 */

/** Lets one line pass in a while, and counts those between. */
export class Seldom {
  readonly #everyMs: number;
  #passedAt = -Infinity;
  #unreported = 0;

  /**
   * Creates it.
   *
   * @param everyMs Shortest time between two lines, in milliseconds.
   */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /**
   * Asks for a line.
   *
   * @returns How many were left out since the last one, as a field of the line; undefined where
   * this one is left out too.
   */
  pass(): { readonly unreported: number } | undefined {
    const now = performance.now();
    if (now - this.#passedAt < this.#everyMs) {
      this.#unreported++;
      return undefined;
    }
    const unreported = this.#unreported;
    this.#passedAt = now;
    this.#unreported = 0;
    return { unreported };
  }

  /** Lets the next line pass, whenever it comes. */
  reset(): void {
    this.#passedAt = -Infinity;
  }
}
