// Names and forms of the headers, version 1 of the wire format.
import { createJsonCodec } from "./codecs/json.ts";
import { createTextCodec } from "./codecs/text.ts";
import type { IncomingRecord } from "./record.ts";
import { RepeatedTexts } from "./repeated_texts.ts";
import { textOf } from "./utf8.ts";

/** Version of the wire format that this package writes and reads. */
export const WIRE_VERSION = 1;

/** Names of the headers on requests and replies. */
export const HEADER = {
  version: "rpc-version",
  command: "rpc-command",
  replyTopic: "rpc-reply-topic",
  replyPartition: "rpc-reply-partition",
  deadline: "rpc-deadline",
  attempt: "rpc-attempt",
  id: "rpc-id",
  contentType: "content-type",
  status: "rpc-status",
  error: "rpc-error",
  control: "rpc-control",
  server: "rpc-server",
  digest: "rpc-digest",
  /** On a request `1`: its reply is to have one. On a reply: the receipt. */
  receipt: "rpc-receipt",
  /** On a request `none`: no reply is wanted; `stream`: several are taken. */
  reply: "rpc-reply",
  idempotencyKey: "rpc-idempotency-key",
  key: "rpc-key",
  signature: "rpc-signature",
  request: "rpc-request",
  credit: "rpc-credit",
  seq: "rpc-seq",
  more: "rpc-more",
  traceparent: "traceparent",
  tracestate: "tracestate",
} as const;

/** All of them. */
export const OWN_HEADERS: ReadonlySet<string> = new Set(Object.values(HEADER));

/** The content type of a value without a header for it. */
export const JSON_TYPE: string = createJsonCodec().contentType;

/** What the value of a failure is, and a result of the plain protocol. */
export const TEXT_TYPE: string = createTextCodec().contentType;

/** The command that evaluates an expression. */
export const EVAL_COMMAND = "eval";

/** Names of the headers that a dead letter has besides its own. */
export const DEAD_LETTER_HEADER = {
  reason: "rpc-dlt-reason",
  topic: "rpc-dlt-topic",
  partition: "rpc-dlt-partition",
  offset: "rpc-dlt-offset",
  lastOffset: "rpc-dlt-last-offset",
} as const;

/** Longest correlation id, in bytes. A UUID has 36. */
export const MAX_ID_BYTES = 255;

/** Longest name of a command, in bytes: clients send 255 characters at most. It stands in logs and replies. */
export const MAX_COMMAND_BYTES = 1_020;

/** As many have the largest of the whole numbers that are exact. */
const MAX_DIGITS = 16;
const DIGIT_0 = 0x30;

/** Of these names the next record mostly has the same text. */
const REPEATED: ReadonlySet<string> = new Set([
  HEADER.command,
  HEADER.replyTopic,
  HEADER.contentType,
  HEADER.status,
  HEADER.server,
]);
const texts = new RepeatedTexts<string>(textOf, (name) => REPEATED.has(name));

/** Why a record cannot be used. Thrown by the readers of this folder only. */
export class MalformedRecord {
  /** What is wrong with it. */
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Throws {@linkcode MalformedRecord} where the header is not UTF-8. */
export function textHeader(
  record: IncomingRecord,
  name: string,
): string | undefined {
  const bytes = record.headers.get(name);
  if (bytes === undefined) return undefined;
  const text = texts.at(name, bytes);
  if (text === undefined) {
    throw new MalformedRecord(`header ${name} is not UTF-8`);
  }
  return text;
}

/** A whole decimal number from 0 on; throws {@linkcode MalformedRecord} for anything else. */
export function numberHeader(
  record: IncomingRecord,
  name: string,
): number | undefined {
  const bytes = record.headers.get(name);
  if (bytes === undefined) return undefined;
  const number = digits(bytes);
  if (number === undefined || !Number.isSafeInteger(number)) {
    const text = textHeader(record, name) ?? "";
    throw new MalformedRecord(
      `header ${name} is ${quote(text)}, not a whole decimal number`,
    );
  }
  return number;
}

/** Without a decoder, which takes ten times as long as this, and each record has such headers. */
function digits(bytes: Uint8Array): number | undefined {
  if (bytes.length === 0 || bytes.length > MAX_DIGITS) return undefined;
  let number = 0;
  for (const byte of bytes) {
    if (byte < DIGIT_0 || byte > DIGIT_0 + 9) return undefined;
    number = 10 * number + (byte - DIGIT_0);
  }
  return number;
}

/** A whole decimal number from 1 on; throws {@linkcode MalformedRecord} for anything else. */
export function countHeader(record: IncomingRecord, name: string): number | undefined {
  const number = numberHeader(record, name);
  if (number === 0) throw new MalformedRecord(`header ${name} is 0, not 1 or more`);
  return number;
}

/**
 * The header `rpc-id`, else the key. Throws {@linkcode MalformedRecord} where it is empty, longer
 * than 255 bytes or not UTF-8.
 */
export function correlationId(record: IncomingRecord): string | undefined {
  const bytes = record.headers.get(HEADER.id) ?? record.key;
  return bytes === null ? undefined : shortText(bytes, "the correlation id");
}

/** The {@linkcode correlationId} of a record; undefined also where it can't be read. */
export function readableId(record: IncomingRecord): string | undefined {
  try {
    return correlationId(record);
  } catch (error) {
    if (error instanceof MalformedRecord) return undefined;
    throw error;
  }
}

/** The header `rpc-idempotency-key`. Throws {@linkcode MalformedRecord} as {@linkcode correlationId}. */
export function idempotencyKey(record: IncomingRecord): string | undefined {
  const bytes = record.headers.get(HEADER.idempotencyKey);
  return bytes === undefined ? undefined : shortText(bytes, "the idempotency key");
}

function shortText(bytes: Uint8Array, what: string): string {
  if (bytes.byteLength === 0) throw new MalformedRecord(`${what} is empty`);
  if (bytes.byteLength > MAX_ID_BYTES) {
    throw new MalformedRecord(`${what} has ${bytes.byteLength} bytes, over ${MAX_ID_BYTES}`);
  }
  const text = textOf(bytes);
  if (text === undefined) throw new MalformedRecord(`${what} is not UTF-8`);
  return text;
}

/** Quotes what came from outside, cut so that no log line grows without bound. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
