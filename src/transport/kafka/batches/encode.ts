// Encodes record batches, into one buffer that grows. The encoder of kafkajs makes a Buffer for
// each part of each record: for a record of six headers it takes 30 times as long as this one.
// See https://kafka.apache.org/documentation/#recordbatch
import { utf8 } from "../../../wire/utf8.ts";
import type { OutgoingRecord } from "../../../wire/record.ts";
import type { Compression } from "../../connection_options.ts";
import { crc32c } from "./crc32c.ts";
import { CHECKED_FROM, HEADER_BYTES, PREFIX_BYTES } from "./frame.ts";
import { pack } from "./pack.ts";

/** What most records with the headers of a request take. */
const TYPICAL_BYTES = 256;
/** Bytes of the length of most records; others are moved by the difference. */
const LENGTH_BYTES = 2;
const MAX_NUMBER_BYTES = 5;
const FORMAT = 2;
const NO_PRODUCER = -1n;

type Fields = Pick<OutgoingRecord, "key" | "value" | "headers">;

/**
 * Encodes records, at least one, as one batch of that time, as a request to produce has it. It is
 * compressed where that makes it smaller.
 */
export function encodeBatch(
  records: readonly Fields[],
  timestamp: number,
  compression: Compression = "none",
): Uint8Array<ArrayBuffer> {
  const writer = new Writer(HEADER_BYTES, records.length * TYPICAL_BYTES);
  records.forEach((record, index) => writer.record(record, index));
  const packed = pack(writer.written.subarray(HEADER_BYTES), compression);
  const written = packed === undefined ? writer.written : behindHeader(packed.bytes);
  const view = new DataView(written.buffer);
  if (packed !== undefined) view.setInt16(21, packed.attribute);
  view.setInt32(8, written.length - PREFIX_BYTES);
  view.setInt8(16, FORMAT);
  view.setInt32(23, records.length - 1);
  view.setBigInt64(27, BigInt(timestamp));
  view.setBigInt64(35, BigInt(timestamp));
  view.setBigInt64(43, NO_PRODUCER);
  view.setInt32(57, records.length);
  view.setUint32(17, crc32c(written.subarray(CHECKED_FROM)));
  return written;
}

function behindHeader(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const batch = new Uint8Array(HEADER_BYTES + bytes.length);
  batch.set(bytes, HEADER_BYTES);
  return batch;
}

class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #at: number;

  /** Begins behind so many bytes, with room for so many. */
  constructor(from: number, room: number) {
    this.#bytes = new Uint8Array(from + room);
    this.#at = from;
  }

  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }

  /** The length stands before what it counts, and is known after it. */
  record({ key, value, headers }: Fields, offsetDelta: number): void {
    this.#reserve(LENGTH_BYTES + 2);
    const from = this.#at;
    const body = this.#at += LENGTH_BYTES;
    this.#bytes[this.#at++] = 0; // no attributes
    this.#bytes[this.#at++] = 0; // the timestamp of the batch
    this.#number(offsetDelta);
    this.#sized(key);
    this.#sized(value);
    const names = Object.keys(headers);
    this.#number(names.length);
    for (const name of names) {
      this.#text(name);
      const header = headers[name]!;
      if (typeof header === "string") this.#text(header);
      else this.#sized(header);
    }
    const length = this.#at - body;
    const shift = sizeOf(length) - LENGTH_BYTES;
    this.#reserve(MAX_NUMBER_BYTES);
    if (shift !== 0) this.#bytes.copyWithin(body + shift, body, this.#at);
    this.#at = from;
    this.#number(length);
    this.#at += length;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * this.#bytes.length + count);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #number(value: number): void {
    this.#reserve(MAX_NUMBER_BYTES);
    let rest = (value << 1 ^ value >> 31) >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#at++] = rest & 0x7f | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  #sized(bytes: Uint8Array | null): void {
    if (bytes === null) return this.#number(-1);
    this.#number(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Nearly all headers are short and ASCII: a loop is faster than a call of the encoder. */
  #text(text: string): void {
    const { length } = text;
    const from = this.#at;
    this.#number(length);
    this.#reserve(length);
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.#at = from;
        return this.#sized(utf8(text));
      }
      this.#bytes[this.#at++] = code;
    }
  }
}

/** Bytes of a number that is not negative. */
function sizeOf(value: number): number {
  let size = 1;
  for (let rest = value >>> 6; rest > 0; rest >>>= 7) size++;
  return size;
}
