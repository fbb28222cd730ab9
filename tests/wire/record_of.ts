/**
 * Records as a test wants them: any key, value and headers, the rest filled in.
 *
 * @module
 */
import type { IncomingRecord } from "../../src/wire/record.ts";

/** Bytes, or text that stands for its UTF-8. */
export type Bytes = Uint8Array | string;

/** Bytes that no UTF-8 text has. */
export const NOT_UTF8: Uint8Array = Uint8Array.of(0xff, 0xfe, 0x80);

const bytesOf = (bytes: Bytes): Uint8Array =>
  typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;

/**
 * Makes a record as it would be read.
 *
 * @param parts What matters to the test; everything else is null or empty.
 * @returns The record.
 */
export function recordOf(
  parts: { key?: Bytes | null; value?: Bytes | null; headers?: Record<string, Bytes> },
): IncomingRecord {
  const { key = null, value = null, headers = {} } = parts;
  return {
    topic: "topic",
    partition: 0,
    offset: 7n,
    timestamp: 0,
    key: key === null ? null : bytesOf(key),
    value: value === null ? null : bytesOf(value),
    headers: new Map(Object.entries(headers).map(([name, text]) => [name, bytesOf(text)])),
  };
}
