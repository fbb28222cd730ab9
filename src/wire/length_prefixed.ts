// Lists of bytes, each behind its length, written into one buffer.
import { utf8 } from "./utf8.ts";

const FIRST_BYTES = 1_024;

/**
 * Writes parts one behind the other, each behind its length as 32 bits. An array of encoded parts for
 * each record takes four times as long: most parts are a few ASCII characters.
 */
export class LengthPrefixed {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** Begins a new list. */
  begin(): void {
    this.#at = 0;
  }

  bytes(part: Uint8Array): void {
    const start = this.#prefix(part.byteLength);
    this.#bytes.set(part, start);
  }

  text(part: string): void {
    const { length } = part;
    const start = this.#prefix(length);
    for (let index = 0; index < length; index++) {
      const code = part.charCodeAt(index);
      if (code > 0x7f) {
        this.#at = start - 4;
        return this.bytes(utf8(part));
      }
      this.#bytes[start + index] = code;
    }
  }

  /** A copy of the list. */
  end(): Uint8Array<ArrayBuffer> {
    const list = this.#bytes.slice(0, this.#at);
    // A record of megabytes must not be kept for the next one.
    if (this.#bytes.byteLength > 64 * FIRST_BYTES) this.#room(FIRST_BYTES);
    return list;
  }

  #prefix(length: number): number {
    const start = this.#at + 4;
    if (start + length > this.#bytes.byteLength) this.#room(2 * (start + length));
    this.#view.setUint32(this.#at, length);
    this.#at = start + length;
    return start;
  }

  #room(size: number): void {
    const before = this.#bytes.subarray(0, Math.min(this.#at, size));
    this.#bytes = new Uint8Array(size);
    this.#bytes.set(before);
    this.#view = new DataView(this.#bytes.buffer);
  }
}
