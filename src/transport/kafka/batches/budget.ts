/** How much a compressed batch may unpack to. @module */
import { UnreadableBatch } from "./batch.ts";

/** The bytes that may still be unpacked of one batch. */
export class Budget {
  readonly #maxBytes: number;
  #left: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#left = maxBytes;
  }

  /** Counts bytes: before memory is reserved for them wherever their number is known by then. */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw tooLarge(this.#maxBytes);
  }
}

/** The fault of a batch that goes beyond it. */
export function tooLarge(maxBytes: number): UnreadableBatch {
  return new UnreadableBatch(`it unpacks to more than ${maxBytes} bytes`);
}
