// How far the server of a stream may go.
import type { Credit } from "../../wire/stream.ts";

/**
 * Gives room for so many values and bytes beyond those that were taken, when half of either is used
 * up: a record of the control topic for some hundred values.
 */
export class ValueWindow {
  readonly #values: number;
  readonly #bytes: number;
  #taken = 0;
  #takenBytes = 0;
  #granted: Credit;

  constructor({ values, bytes }: { readonly values: number; readonly bytes: number }) {
    this.#values = values;
    this.#bytes = bytes;
    this.#granted = this.#whole;
  }

  /** What was granted for the last time. */
  get granted(): Credit {
    return this.#granted;
  }

  /** Notes that a value was taken; says whether another credit is due. */
  take(bytes: number): boolean {
    this.#taken++;
    this.#takenBytes += bytes;
    const { seq, bytes: end } = this.#whole;
    return 2 * (seq - this.#granted.seq) >= this.#values ||
      2 * (end - this.#granted.bytes) >= this.#bytes;
  }

  /** Grants the whole window beyond what was taken. */
  grant(): Credit {
    return this.#granted = this.#whole;
  }

  get #whole(): Credit {
    return { seq: this.#taken + this.#values - 1, bytes: this.#takenBytes + this.#bytes };
  }
}
