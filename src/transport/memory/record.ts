/**
 * Records that a test appends itself.
 *
 * @module
 */
import { type Check, kindOf, refuse, wholeNumber } from "../../options/check.ts";
import { join, required, shape } from "../../options/shape.ts";
import { topicName } from "../../options/topics.ts";
import type { OutgoingRecord } from "../../wire/record.ts";

/** A record for `MemoryBroker.append`; its headers may be left out. */
export type MemoryRecord = Omit<OutgoingRecord, "headers"> & {
  /** Headers, as text or bytes. Default: none. */
  readonly headers?: Readonly<Record<string, string | Uint8Array>> | undefined;
};

const bytesOrNull: Check<Uint8Array | null> = (value, name) => {
  if (value === null || value instanceof Uint8Array) return value;
  const advice = 'Give null or a Uint8Array, for example new TextEncoder().encode("1 + 1").';
  return refuse(name, `it is ${kindOf(value)}`, advice);
};

const headers: Check<Record<string, string | Uint8Array>> = (value, name) => {
  if (typeof value !== "object" || value === null || Symbol.iterator in value) {
    refuse(name, "it is no plain object", 'Give one, for example { "rpc-version": "1" }.');
  }
  for (const [header, content] of Object.entries(value)) {
    if (typeof content === "string" || content instanceof Uint8Array) continue;
    refuse(join(name, header), `it is ${kindOf(content)}`, "Give a string or a Uint8Array.");
  }
  return { ...value };
};

/** The check of such a record. */
export const memoryRecord = shape<MemoryRecord>({
  topic: required(topicName),
  partition: wholeNumber({ from: 0 }),
  key: required(bytesOrNull),
  value: required(bytesOrNull),
  headers,
}, { owner: "a record", example: '{ topic: "commands", key: null, value: null }' });
