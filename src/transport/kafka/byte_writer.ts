// Writes the fields of a request.
// See https://kafka.apache.org/protocol#protocol_types
import { utf8 } from "../../wire/utf8.ts";

const ROOM_BYTES = 256;

/** Grows as it is written to. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** `forBytes`: how many bytes that are given it will have, so that they are copied only once. */
  constructor(forBytes = 0) {
    this.#bytes = new Uint8Array(forBytes + ROOM_BYTES);
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int8(value: number): this {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
    return this;
  }

  int16(value: number): this {
    return this.int8(value >> 8).int8(value);
  }

  int32(value: number): this {
    return this.int16(value >> 16).int16(value);
  }

  unsignedVarint(value: number): this {
    for (; value > 0x7f; value >>>= 7) this.int8(value | 0x80);
    return this.int8(value);
  }

  string(value: string): this {
    const text = utf8(value);
    return this.int16(text.byteLength).#append(text);
  }

  compactString(value: string): this {
    const text = utf8(value);
    return this.unsignedVarint(text.byteLength + 1).#append(text);
  }

  bytes(value: Uint8Array): this {
    return this.int32(value.byteLength).#append(value);
  }

  array<T>(items: readonly T[], item: (value: T) => void): this {
    this.int32(items.length);
    items.forEach(item);
    return this;
  }

  /** What was written so far. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #append(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.byteLength);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** Makes room for the next bytes; gives where they begin. */
  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.byteLength) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    return at;
  }
}
