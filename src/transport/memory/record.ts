// Records that a test appends itself.
import { type Check, kindOf, refuse, wholeNumber } from "../../options/check.ts";
import { join, required, shape } from "../../options/shape.ts";
import { topicName } from "../../options/topics.ts";
import { utf8 } from "../../wire/utf8.ts";
import type { OutgoingRecord } from "../../wire/record.ts";

/** A record for `MemoryBroker.append`; its headers may be left out. */
export type MemoryRecord = Omit<OutgoingRecord, "headers" | "key" | "value" | "onPlaced"> & {
  /** The key, as text or bytes. */
  readonly key: string | Uint8Array | null;
  /** The value, as text or bytes. */
  readonly value: string | Uint8Array | null;
  /** Headers, as text or bytes. Default: none. */
  readonly headers?: Readonly<Record<string, string | Uint8Array>> | undefined;
};

const content: Check<string | Uint8Array | null> = (value, name) => {
  if (value === null || typeof value === "string" || value instanceof Uint8Array) return value;
  const advice = "Give null, a string or a Uint8Array.";
  return refuse(name, `it is ${kindOf(value)}`, advice);
};

const headers: Check<Record<string, string | Uint8Array>> = (value, name) => {
  if (typeof value !== "object" || value === null || Symbol.iterator in value) {
    refuse(name, "it is no plain object", 'Give one, for example { "rpc-version": "1" }.');
  }
  for (const [header, text] of Object.entries(value)) {
    if (typeof text === "string" || text instanceof Uint8Array) continue;
    refuse(join(name, header), `it is ${kindOf(text)}`, "Give a string or a Uint8Array.");
  }
  return { ...value };
};

const checked = shape<MemoryRecord>({
  topic: required(topicName),
  partition: wholeNumber({ from: 0 }),
  key: required(content),
  value: required(content),
  headers,
}, { owner: "a record", example: '{ topic: "commands", key: null, value: null }' });

/** A record whose text is encoded. */
type EncodedRecord = Pick<OutgoingRecord, "topic" | "partition" | "key" | "value"> & {
  readonly headers: ReadonlyMap<string, Uint8Array>;
};

/** Checks a record, and encodes what is text. */
export function memoryRecord(given: MemoryRecord): EncodedRecord {
  return encodedRecord(checked(given, ""));
}

/** Encodes what is text. */
export function encodedRecord(record: MemoryRecord): EncodedRecord {
  const { topic, partition, key, value, headers = {} } = record;
  const pairs = Object.entries(headers).map(([name, text]) => [name, encoded(text)] as const);
  return { topic, partition, key: encoded(key), value: encoded(value), headers: new Map(pairs) };
}

function encoded<T extends Uint8Array | null>(content: string | T): Uint8Array | T {
  return typeof content === "string" ? utf8(content) : content;
}
