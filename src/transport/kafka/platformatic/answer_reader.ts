// What the library's decoders read answers from, in place of its own Reader, which trusts every
// length and count that an answer names. Its decoders are kept from two more things: they fail a
// whole answer for one error code, and lose it altogether for a code that they do not know; and
// they decode record batches without bounds. So both are set aside here, in the order of the answer.
import type { Reader } from "@platformatic/kafka";
import { asBuffer } from "../as_buffer.ts";
import type { BoundedReader } from "../bounded_reader.ts";

export class AnswerReader {
  readonly #reader: BoundedReader;
  readonly #codes: number[] = [];
  readonly #records: Uint8Array[] = [];
  #codesTaken = 0;
  #recordsTaken = 0;

  constructor(reader: BoundedReader) {
    this.#reader = reader;
  }

  /** As the library's decoders want it; of its methods those are here that they call. */
  get asReader(): Reader {
    return this as unknown as Reader;
  }

  /** Gives the next error code, in the order of the answer. */
  nextCode(): number {
    return this.#codes[this.#codesTaken++]!;
  }

  /** Gives the next partition's record batches, in the order of the answer. */
  nextRecords(): Uint8Array {
    return this.#records[this.#recordsTaken++]!;
  }

  /** Every number of 16 bits is an error code, in the answers that are read here. */
  readInt16(): number {
    this.#codes.push(this.#reader.int16());
    return 0;
  }

  readInt32(): number {
    return this.#reader.int32();
  }

  readInt64(): bigint {
    return this.#reader.int64();
  }

  readBoolean(): boolean {
    return this.#reader.boolean();
  }

  readString(compact = true): string {
    return this.readNullableString(compact) ?? "";
  }

  readNullableString(compact = true): string | null {
    const reader = this.#reader;
    return (compact ? reader.compactNullableString() : reader.nullableString()) ?? null;
  }

  /** Of a member of a group. */
  readBytes(): Uint8Array {
    return asBuffer(this.#reader.bytes());
  }

  /** Only record batches are nullable bytes. */
  readNullableBytes(): null {
    this.#records.push(this.#reader.bytes());
    return null;
  }

  readArray<T>(
    item: (reader: this, index: number) => T,
    compact = true,
    tagsAfterEach = true,
  ): T[] {
    let index = 0;
    const next = () => {
      const value = item(this, index++);
      if (tagsAfterEach) this.readTaggedFields();
      return value;
    };
    return compact ? this.#reader.compactArray(next) : this.#reader.array(next);
  }

  readNullableArray<T>(
    item: (reader: this, index: number) => T,
    compact = true,
    tagsAfterEach = true,
  ): T[] {
    return this.readArray(item, compact, tagsAfterEach);
  }

  readTaggedFields(): void {
    this.#reader.skipTags();
  }

  /** Ids of topics are not used. */
  readUUID(): string {
    this.#reader.skip(16);
    return "";
  }
}
