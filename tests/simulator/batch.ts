/**
 * Writes record batches as a broker stores them.
 *
 * @see https://kafka.apache.org/documentation/#recordbatch
 * @module
 */
import { crc32c } from "../../src/transport/kafka/batches/crc32c.ts";
import { encodeBatch as encodeRecords } from "../../src/transport/kafka/batches/encode.ts";
import { CHECKED_FROM } from "../../src/transport/kafka/batches/frame.ts";
import type { OutgoingRecord } from "../../src/wire/record.ts";

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

/** Encodes an uncompressed batch as a producer does, with what the broker adds. */
export function encodeBatch(
  { baseOffset, timestamp, records, attributes = 0 }: BatchOfRecords,
): Uint8Array {
  const batch = encodeRecords(records, timestamp);
  const view = new DataView(batch.buffer);
  view.setBigInt64(0, baseOffset);
  if (attributes === 0) return batch;
  view.setInt16(21, attributes);
  view.setBigInt64(43, 0n);
  view.setUint32(17, crc32c(batch.subarray(CHECKED_FROM)));
  return batch;
}
