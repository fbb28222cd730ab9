/**
 * What members of a consumer group tell each other through its coordinator:
 * which topics they want, and which partitions they get. Version 0, which every
 * client reads; later versions only add fields behind those that are read here.
 *
 * Written and read by any client of the group, in any language, so nothing in it
 * is believed before it is checked.
 *
 * @see https://cwiki.apache.org/confluence/display/KAFKA/Kafka+Client-side+Assignment+Proposal
 * @module
 */

/** Partitions by topic. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Encodes a subscription.
 *
 * @param topics The topics that a member wants.
 * @returns `version topics userData`.
 */
export function encodeSubscription(topics: readonly string[]): Uint8Array {
  const out = new Writer();
  out.int16(0);
  out.int32(topics.length);
  for (const topic of topics) out.text(topic);
  out.int32(0);
  return out.bytes();
}

/**
 * Reads the subscription of a member.
 *
 * @param bytes What the member sent.
 * @returns The topics that it wants.
 * @throws {RangeError} Where it is no subscription.
 */
export function decodeSubscription(bytes: Uint8Array): string[] {
  const from = new Reader(bytes);
  from.int16();
  return from.list(2, () => from.text());
}

/**
 * Encodes an assignment.
 *
 * @param assignment The partitions that a member gets.
 * @returns `version [topic [partition]] userData`.
 */
export function encodeAssignment(assignment: Assignment): Uint8Array {
  const out = new Writer();
  out.int16(0);
  out.int32(assignment.size);
  for (const [topic, partitions] of assignment) {
    out.text(topic);
    out.int32(partitions.length);
    for (const partition of partitions) out.int32(partition);
  }
  out.int32(0);
  return out.bytes();
}

/**
 * Reads the assignment of this member.
 *
 * @param bytes What the leader sent; empty where it has nothing for this member.
 * @returns The partitions by topic.
 * @throws {RangeError} Where it is no assignment.
 */
export function decodeAssignment(bytes: Uint8Array): Assignment {
  if (bytes.byteLength === 0) return new Map();
  const from = new Reader(bytes);
  from.int16();
  return new Map(from.list(6, () => [from.text(), from.list(4, () => from.int32())]));
}

class Writer {
  readonly #out: number[] = [];

  int16(value: number): void {
    this.#out.push(value >> 8 & 0xff, value & 0xff);
  }

  int32(value: number): void {
    this.#out.push(value >> 24 & 0xff, value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff);
  }

  text(value: string): void {
    const bytes = encoder.encode(value);
    this.int16(bytes.byteLength);
    for (const byte of bytes) this.#out.push(byte);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#out);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int16(): number {
    this.#at += 2;
    return this.#view.getInt16(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4);
  }

  text(): string {
    const length = this.int16();
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.byteLength) throw new RangeError(`a text of ${length}`);
    const text = decoder.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return text;
  }

  /** As many items as its count says, where the bytes that are left can hold them. */
  list<T>(minBytes: number, item: () => T): T[] {
    const count = this.int32();
    if (count < 0 || count * minBytes > this.#bytes.byteLength - this.#at) {
      throw new RangeError(`a list of ${count}`);
    }
    return Array.from({ length: count }, item);
  }
}
