/**
 * Batches written field by field, so that a test can write any of them wrong.
 *
 * @module
 */
import { crc32c } from "../../../../src/transport/kafka/batches/crc32c.ts";

const UTF8 = new TextEncoder();

/** A number as records have them: zigzag, seven bits a byte. */
export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

function sized(bytes: Uint8Array | string | null): number[] {
  if (bytes === null) return varint(-1);
  const encoded = typeof bytes === "string" ? UTF8.encode(bytes) : bytes;
  return [...varint(encoded.length), ...encoded];
}

/** The fields of a record; what is not given is as small as it can be. */
export interface WrittenRecord {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number | bigint;
  readonly key?: Uint8Array | string | null;
  readonly value?: Uint8Array | string | null;
  readonly headers?: readonly (readonly [string | Uint8Array, Uint8Array | string | null])[];
  /** Written instead of the number of headers. */
  readonly headerCount?: number;
  /** Bytes behind the headers. */
  readonly trailing?: readonly number[];
}

/** Writes a record, with its length in front. */
export function record(fields: WrittenRecord = {}): Uint8Array {
  const { headers = [] } = fields;
  const body = [
    0,
    ...varint(fields.timestampDelta ?? 0),
    ...varint(fields.offsetDelta ?? 0),
    ...sized(fields.key ?? null),
    ...sized(fields.value ?? null),
    ...varint(fields.headerCount ?? headers.length),
    ...headers.flatMap(([name, value]) => [...sized(name), ...sized(value)]),
    ...fields.trailing ?? [],
  ];
  return Uint8Array.from([...varint(body.length), ...body]);
}

/** The header of a batch; what is not given fits the records. */
export interface WrittenBatch {
  readonly baseOffset?: bigint;
  readonly length?: number;
  readonly magic?: number;
  readonly crc?: number;
  readonly attributes?: number;
  readonly lastOffsetDelta?: number;
  readonly baseTimestamp?: bigint;
  readonly maxTimestamp?: bigint;
  readonly count?: number;
}

/**
 * Writes a batch.
 *
 * @param records Its records, or their bytes (packed, for example) with a count in the header.
 * @param header Fields of the header.
 * @returns The batch.
 */
export function batch(
  records: readonly Uint8Array[] | Uint8Array,
  header: WrittenBatch = {},
): Uint8Array {
  const body = records instanceof Uint8Array ? records : concat(records);
  const count = header.count ?? (records instanceof Uint8Array ? 1 : records.length);
  const bytes = concat([new Uint8Array(61), body]);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, header.baseOffset ?? 0n);
  view.setInt32(8, header.length ?? bytes.length - 12);
  view.setInt8(16, header.magic ?? 2);
  view.setInt16(21, header.attributes ?? 0);
  view.setInt32(23, header.lastOffsetDelta ?? Math.max(count - 1, 0));
  view.setBigInt64(27, header.baseTimestamp ?? 0n);
  view.setBigInt64(35, header.maxTimestamp ?? 0n);
  view.setBigInt64(43, -1n);
  view.setInt16(51, -1);
  view.setInt32(53, -1);
  view.setInt32(57, count);
  view.setUint32(17, header.crc ?? crc32c(bytes.subarray(21)));
  return bytes;
}

/** Records of these values, at offsets one after the other. */
export function valued(...values: string[]): Uint8Array[] {
  return values.map((value, offsetDelta) => record({ value, offsetDelta }));
}

/** Bytes one behind the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
