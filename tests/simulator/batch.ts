/**
 * Writes record batches as a broker stores them.
 *
 * @see https://kafka.apache.org/documentation/#recordbatch
 * @module
 */
import { crc32c } from "../../src/transport/kafka/batches/crc32c.ts";
import type { OutgoingRecord } from "../../src/wire/record.ts";

const encoder = new TextEncoder();

/** What a batch holds. */
export interface BatchOfRecords {
  readonly baseOffset: bigint;
  readonly timestamp: number;
  readonly records: readonly Pick<OutgoingRecord, "key" | "value" | "headers">[];
  /** Bits of its header: {@linkcode TRANSACTIONAL}, {@linkcode CONTROL}. Default 0. */
  readonly attributes?: number;
}

/** The batch belongs to a transaction. */
export const TRANSACTIONAL = 0x10;
/** Its record is no one's, but the broker's own: how a transaction ended. */
export const CONTROL = 0x20;

/** The record that ends a transaction. */
export function endMarker(end: "commit" | "abort"): BatchOfRecords["records"][number] {
  // Versions 0; then the kind of end, and the epoch of the coordinator.
  return {
    key: Uint8Array.of(0, 0, 0, end === "commit" ? 1 : 0),
    value: new Uint8Array(6),
    headers: {},
  };
}

/** Encodes an uncompressed batch. */
export function encodeBatch(
  { baseOffset, timestamp, records, attributes = 0 }: BatchOfRecords,
): Uint8Array {
  const body = records.map(encodeRecord);
  const size = body.reduce((sum, { length }) => sum + length, 61);
  const batch = new Uint8Array(size);
  const view = new DataView(batch.buffer);
  view.setBigInt64(0, baseOffset);
  view.setInt32(8, size - 12);
  view.setInt8(16, 2);
  view.setInt16(21, attributes);
  view.setInt32(23, records.length - 1);
  view.setBigInt64(27, BigInt(timestamp));
  view.setBigInt64(35, BigInt(timestamp));
  view.setBigInt64(43, attributes === 0 ? -1n : 0n);
  view.setInt16(51, -1);
  view.setInt32(53, -1);
  view.setInt32(57, records.length);
  let at = 61;
  for (const bytes of body) {
    batch.set(bytes, at);
    at += bytes.length;
  }
  view.setUint32(17, crc32c(batch.subarray(21)));
  return batch;
}

function encodeRecord(record: BatchOfRecords["records"][number], delta: number): Uint8Array {
  const headers = Object.entries(record.headers);
  const parts = [
    [0, 0], // no attributes, no difference of time
    varint(delta),
    ...sized(record.key),
    ...sized(record.value),
    varint(headers.length),
    ...headers.flatMap(([name, value]) => [
      ...sized(encoder.encode(name)),
      ...sized(typeof value === "string" ? encoder.encode(value) : value),
    ]),
  ];
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const prefix = varint(size);
  const bytes = new Uint8Array(prefix.length + size);
  bytes.set(prefix);
  let at = prefix.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function sized(bytes: Uint8Array | null): ArrayLike<number>[] {
  return bytes === null ? [varint(-1)] : [varint(bytes.length), bytes];
}

/** A signed number in zigzag, seven bits a byte. */
function varint(value: number): number[] {
  let rest = (value << 1 ^ value >> 31) >>> 0;
  const bytes: number[] = [];
  while (rest > 0x7f) {
    bytes.push(rest & 0x7f | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
