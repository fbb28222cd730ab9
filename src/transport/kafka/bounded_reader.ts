// Reads the fields of what another side wrote, a broker or a member of a group: never beyond its
// end, and without reserving memory by a number that it names.
// See https://kafka.apache.org/protocol#protocol_types

export class MalformedBytes extends RangeError {
  override readonly name = "MalformedBytes";
}

const text = new TextDecoder();

/**
 * A place in bytes. What is null there is undefined where the name says so, and else empty; the
 * compact ones are those of flexible versions. Bytes are views.
 */
export class BoundedReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  boolean(): boolean {
    return this.#bytes[this.#take(1)] !== 0;
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  nullableString(): string | undefined {
    const length = this.int16();
    return length === -1 ? undefined : this.#text(length);
  }

  string(): string {
    return this.nullableString() ?? "";
  }

  bytes(): Uint8Array {
    const length = this.int32();
    return this.#slice(length === -1 ? 0 : length);
  }

  array<T>(item: () => T): T[] {
    return this.#items(this.int32(), item);
  }

  skip(count: number): void {
    this.#take(count);
  }

  compactNullableString(): string | undefined {
    const length = this.#unsignedVarint() - 1;
    return length === -1 ? undefined : this.#text(length);
  }

  compactString(): string {
    return this.compactNullableString() ?? "";
  }

  compactArray<T>(item: () => T): T[] {
    return this.#items(this.#unsignedVarint() - 1, item);
  }

  /** Moves over the tagged fields of a flexible version. */
  skipTags(): void {
    for (let count = this.#count(this.#unsignedVarint()); count > 0; count--) {
      this.#unsignedVarint();
      this.skip(this.#unsignedVarint());
    }
  }

  #unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#take(1)]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new MalformedBytes("a number has more than five bytes");
  }

  #items<T>(count: number, item: () => T): T[] {
    const items: T[] = [];
    for (let left = count === -1 ? 0 : this.#count(count); left > 0; left--) items.push(item());
    return items;
  }

  /** Every item has at least a byte. */
  #count(count: number): number {
    const left = this.#bytes.length - this.#at;
    if (count >= 0 && count <= left) return count;
    throw new MalformedBytes(`a list of ${count} items, and ${left} bytes are left`);
  }

  #text(length: number): string {
    return text.decode(this.#slice(length));
  }

  #slice(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** Moves over so many bytes, and gives the place before them. */
  #take(count: number): number {
    const at = this.#at;
    const left = this.#bytes.length - at;
    if (count < 0 || count > left) {
      throw new MalformedBytes(`a field of ${count} bytes, and ${left} are left`);
    }
    this.#at = at + count;
    return at;
  }
}
