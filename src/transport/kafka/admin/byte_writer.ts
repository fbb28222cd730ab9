// Writes the fields of a request.
// See https://kafka.apache.org/protocol#protocol_types

const encoder = new TextEncoder();

/** Grows as it is written to. */
export class ByteWriter {
  readonly #parts: Uint8Array[] = [];

  boolean(value: boolean): this {
    return this.#append(Uint8Array.of(value ? 1 : 0));
  }

  int8(value: number): this {
    return this.#append(Uint8Array.of(value & 0xff));
  }

  int16(value: number): this {
    return this.#append(Uint8Array.of(value >> 8 & 0xff, value & 0xff));
  }

  int32(value: number): this {
    return this.int16(value >> 16).int16(value);
  }

  string(value: string): this {
    const bytes = encoder.encode(value);
    return this.int16(bytes.byteLength).#append(bytes);
  }

  array<T>(items: readonly T[], item: (value: T) => void): this {
    this.int32(items.length);
    items.forEach(item);
    return this;
  }

  /** What was written so far. */
  get bytes(): Uint8Array {
    const size = this.#parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.byteLength;
    }
    return whole;
  }

  #append(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }
}
