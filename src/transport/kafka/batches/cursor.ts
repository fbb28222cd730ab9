// Bounded reading of a record's fields.
// See https://kafka.apache.org/documentation/#record
// See https://protobuf.dev/programming-guides/encoding/#signed-ints
import { UnreadableBatch } from "./batch.ts";

const EMPTY = new Uint8Array(0);

/** A place in bytes that never goes beyond its end. */
export class Cursor {
  readonly bytes: Uint8Array;
  at: number;
  /** The first byte that is not read. */
  end: number;

  constructor(bytes: Uint8Array, range: { readonly at?: number; readonly end?: number } = {}) {
    this.bytes = bytes;
    this.at = range.at ?? 0;
    this.end = range.end ?? bytes.length;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Reads a signed number of 32 bits: zigzag, at most five bytes. */
  varint(): number {
    const { bytes, end } = this;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.at >= end) throw new UnreadableBatch("a number goes beyond its record");
      const byte = bytes[this.at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new UnreadableBatch("a number has more than five bytes");
  }

  /** Reads a signed number of 64 bits, at most ten bytes; beyond 2^53 it is rounded. */
  varlong(): number {
    const { bytes, end } = this;
    // Beyond 2^53 the lowest bit of the sum is lost, and it is the sign.
    const negative = this.at < end && (bytes[this.at]! & 1) === 1;
    let value = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      if (this.at >= end) throw new UnreadableBatch("a number goes beyond its record");
      const byte = bytes[this.at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return negative ? -(value + 1) / 2 : value / 2;
    }
    throw new UnreadableBatch("a number has more than ten bytes");
  }

  /** Reads a length, −1 for null, and moves behind what it counts; `what` names that in the error. */
  skipSized(what: string): number {
    const length = this.varint();
    if (length < -1 || length > this.left) {
      throw new UnreadableBatch(`${what} should have ${length} bytes, ${this.left} are left`);
    }
    if (length > 0) this.at += length;
    return length;
  }

  /** Reads a length and gives a view of what it counts. */
  sized(what: string): Uint8Array | null {
    const length = this.skipSized(what);
    if (length <= 0) return length < 0 ? null : EMPTY;
    // Faster than subarray(): 1.1 against 1.5 µs for a record of ten fields.
    const { buffer, byteOffset } = this.bytes;
    return new Uint8Array(buffer, byteOffset + this.at - length, length);
  }
}
