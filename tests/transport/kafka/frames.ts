/**
 * Frames of Kafka's protocol, made by hand.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Where the list begins in an answer to ApiVersions: behind the correlation id and the error. */
const LIST_AT = 6;
const ENTRY_BYTES = 6;

/** Puts the length before an answer. */
export function framed(answer: Uint8Array): Uint8Array {
  return Buffer.concat([int32(answer.length), answer]);
}

/** Four bytes. */
export function int32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/**
 * Lowers the highest versions in an answer to ApiVersions.
 *
 * @param answer The answer, with its correlation id.
 * @param caps Highest versions, by the numbers of requests.
 * @returns A copy with these.
 */
export function capVersions(answer: Uint8Array, caps: ReadonlyMap<number, number>): Uint8Array {
  const bytes = Buffer.from(answer);
  const count = bytes.readInt32BE(LIST_AT);
  for (let entry = 0; entry < count; entry++) {
    const at = LIST_AT + 4 + entry * ENTRY_BYTES;
    const cap = caps.get(bytes.readInt16BE(at));
    if (cap !== undefined) bytes.writeInt16BE(Math.min(cap, bytes.readInt16BE(at + 4)), at + 4);
  }
  return bytes;
}
