// How much a fetch asks for.

const LEAST_BYTES = 64 * 1024;
/** How fast the line is shows the first answer: on a slow one it must not take half a minute. */
const FIRST_BYTES = 512 * 1024;
const MOST_BYTES = 4 * 1024 * 1024;
/** An answer that took so long beyond the broker's own wait was too large for the line. */
const LATE_MS = 1_000;

/**
 * Bytes that a fetch asks for: fewer after a late answer, more again after those that came soon. On
 * a slow line the first record of a large answer waits for its last byte. (A broker sends one whole
 * batch, however little is asked for.)
 */
export class FetchSize {
  #bytes = FIRST_BYTES;

  get bytes(): number {
    return this.#bytes;
  }

  /** Of that, the amount for each of so many partitions. */
  shareOf(partitions: number): number {
    return Math.max(Math.ceil(this.#bytes / partitions), LEAST_BYTES);
  }

  /** Notes how long an answer with records took, in milliseconds beyond the broker's own wait. */
  answered(tookMs: number): void {
    if (tookMs > LATE_MS) this.late();
    else if (tookMs < LATE_MS / 4) this.#bytes = Math.min(2 * this.#bytes, MOST_BYTES);
  }

  late(): void {
    this.#bytes = Math.max(this.#bytes / 2, LEAST_BYTES);
  }
}
