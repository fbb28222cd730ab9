/**
 * What decoding gives, in short forms for tests.
 *
 * @module
 */
import type { BatchPart, BatchRecord } from "../../../../src/transport/kafka/batches/batch.ts";
import {
  decodeBatches,
  type DecodeOptions,
} from "../../../../src/transport/kafka/batches/decode.ts";

const UTF8 = new TextDecoder();

/** All parts. */
export async function partsOf(
  bytes: Uint8Array,
  options: Partial<DecodeOptions> = {},
): Promise<BatchPart[]> {
  return await Array.fromAsync(decodeBatches(bytes, { from: 0n, ...options }));
}

/** All records. */
export async function recordsOf(
  bytes: Uint8Array,
  options: Partial<DecodeOptions> = {},
): Promise<BatchRecord[]> {
  return (await partsOf(bytes, options)).flatMap(({ records }) => records);
}

/** Each part in a line: offset and value of its records, or why there are none; where to go on. */
export async function summary(
  bytes: Uint8Array,
  options: Partial<DecodeOptions> = {},
): Promise<string[]> {
  return (await partsOf(bytes, options)).map(({ records, unreadable, nextOffset }) => {
    const values = records.map(({ offset, value }) => `${offset}=${value && UTF8.decode(value)}`);
    if (unreadable !== undefined) {
      const { fromOffset, lastOffset, reason } = unreadable;
      values.push(`${fromOffset}–${lastOffset ?? "?"} unreadable: ${reason}`);
    }
    return `${values.join(" ")} → ${nextOffset ?? "?"}`;
  });
}
