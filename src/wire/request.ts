// Requests: written by a client, read by a server.
import type { Payload } from "./outcome.ts";
import {
  correlationId,
  countHeader,
  HEADER,
  idempotencyKey,
  JSON_TYPE,
  MalformedRecord,
  MAX_COMMAND_BYTES,
  numberHeader,
  OWN_HEADERS,
  quote,
  textHeader,
  WIRE_VERSION,
} from "./headers.ts";
import { isText, textOf, utf8 } from "./utf8.ts";
import type { IncomingRecord, OutgoingRecord } from "./record.ts";
import { type Credit, creditText, readCredit } from "./stream.ts";

/** W3C trace context, passed through as it is. */
export interface TraceContext {
  /** Header `traceparent`. */
  readonly traceparent: string;
  /** Header `tracestate`. */
  readonly tracestate?: string | undefined;
}

export interface Request {
  /** Correlation id, the same on every attempt. */
  readonly id: string;
  readonly command: string;
  readonly input: Payload;
  /** Topic the reply goes to; undefined where the request left it to the server. */
  readonly replyTopic?: string | undefined;
  /** Partition the reply goes to; undefined where the key decides. */
  readonly replyPartition?: number | undefined;
  /** Unix milliseconds; past it the work is not started. */
  readonly deadline?: number | undefined;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Headers that are not of this protocol. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly trace?: TraceContext | undefined;
  /** Whether its reply is to have a receipt. Default: false. */
  readonly wantsReceipt?: boolean | undefined;
  /** Whether no reply is wanted. Default: false. */
  readonly oneWay?: boolean | undefined;
  /** The caller's own name for the call: requests with one key are the same call, whatever their id. */
  readonly idempotencyKey?: string | undefined;
  /** How far the stream may go at first that the caller takes; undefined where it takes one reply. */
  readonly credit?: Credit | undefined;
  /** Key of the record, in place of the id: it chooses the partition. Of no use to a reader. */
  readonly partitionKey?: string | undefined;
}

/** What is said of the reply. */
type ReplyWish = Pick<Request, "replyTopic" | "replyPartition" | "wantsReceipt" | "oneWay">;

/** What a record on the commands topic turns out to be. */
export type ReadRequest =
  | { readonly kind: "request"; readonly request: Request }
  /** A record without headers: an expression for `eval`. */
  | { readonly kind: "plain"; readonly expression: string }
  /** A version of the wire format that this package does not know. */
  | { readonly kind: "future"; readonly version: number }
  | { readonly kind: "malformed"; readonly reason: string };

const NOTHING = new Uint8Array(0);
/** No prototype: a header may be called __proto__ or toString. */
const noMetadata = (): Record<string, string> => Object.create(null);
/** Of all requests without any: an object without a prototype takes 180 bytes. */
const NO_METADATA = Object.freeze(noMetadata());

/** Bytes of a request's input and metadata, names included: what `requestBytes` limits. */
export function requestBytes({ input, metadata }: Pick<Request, "input" | "metadata">): number {
  let bytes = input.bytes.byteLength;
  for (const name of Object.keys(metadata)) {
    bytes += utf8(name).byteLength + utf8(metadata[name]!).byteLength;
  }
  return bytes;
}

/** What is said of the reply may stand beside the request, so that no call is copied for it. */
export function writeRequest(
  topic: string,
  request: Request,
  { replyTopic, replyPartition, wantsReceipt, oneWay }: ReplyWish = request,
): OutgoingRecord {
  const headers: Record<string, string> = {
    ...request.metadata,
    [HEADER.version]: String(WIRE_VERSION),
    [HEADER.command]: request.command,
    [HEADER.attempt]: String(request.attempt),
  };
  // What a reader takes for granted is left out: a header costs more than its bytes.
  if (request.input.contentType !== JSON_TYPE) {
    headers[HEADER.contentType] = request.input.contentType;
  }
  if (replyTopic !== undefined) headers[HEADER.replyTopic] = replyTopic;
  if (replyPartition !== undefined) headers[HEADER.replyPartition] = String(replyPartition);
  if (wantsReceipt) headers[HEADER.receipt] = "1";
  if (oneWay) headers[HEADER.reply] = "none";
  if (request.credit !== undefined) {
    headers[HEADER.reply] = "stream";
    headers[HEADER.credit] = creditText(request.credit);
  }
  if (request.deadline !== undefined) {
    headers[HEADER.deadline] = String(request.deadline);
  }
  if (request.trace !== undefined) {
    headers[HEADER.traceparent] = request.trace.traceparent;
    if (request.trace.tracestate !== undefined) {
      headers[HEADER.tracestate] = request.trace.tracestate;
    }
  }
  const { id, idempotencyKey } = request;
  if (idempotencyKey !== undefined) headers[HEADER.idempotencyKey] = idempotencyKey;
  // As the key it leads repeats to the one server that knows of the first.
  const key = request.partitionKey ?? idempotencyKey ?? id;
  if (key !== id) headers[HEADER.id] = id;
  return { topic, key: utf8(key), value: request.input.bytes, headers };
}

/**
 * Reads a record of the commands topic. Never throws: what cannot be read is
 * `malformed`, with the reason.
 */
export function readRequest(record: IncomingRecord): ReadRequest {
  try {
    return record.headers.size === 0 ? readPlain(record) : readHeaders(record);
  } catch (error) {
    if (error instanceof MalformedRecord) {
      return { kind: "malformed", reason: error.message };
    }
    throw error;
  }
}

function readPlain(record: IncomingRecord): ReadRequest {
  if (record.value === null) {
    throw new MalformedRecord("the value is null (a tombstone)");
  }
  const expression = textOf(record.value);
  if (expression === undefined) {
    throw new MalformedRecord("the expression is not UTF-8");
  }
  return { kind: "plain", expression };
}

function readHeaders(record: IncomingRecord): ReadRequest {
  const version = countHeader(record, HEADER.version);
  if (version === undefined) {
    throw new MalformedRecord(
      `the record has headers but no ${HEADER.version}`,
    );
  }
  if (version > WIRE_VERSION) return { kind: "future", version };
  const name = record.headers.get(HEADER.command) ?? NOTHING;
  if (name.length === 0) {
    // Not thrown: what lies on the topic by the hundred thousand is mostly of this kind.
    return { kind: "malformed", reason: `header ${HEADER.command} is missing or empty` };
  }
  if (name.length > MAX_COMMAND_BYTES) {
    const reason = `header ${HEADER.command} has ${name.length} bytes, over ${MAX_COMMAND_BYTES}`;
    return { kind: "malformed", reason };
  }
  const command = textHeader(record, HEADER.command)!;
  const id = correlationId(record);
  if (id === undefined) {
    throw new MalformedRecord(
      `there is neither a key nor a header ${HEADER.id}`,
    );
  }
  if (record.value === null) {
    throw new MalformedRecord("the value is null (a tombstone)");
  }
  const attempt = countHeader(record, HEADER.attempt) ?? 1;
  const traceparent = textHeader(record, HEADER.traceparent);
  const reply = textHeader(record, HEADER.reply);
  const request: Request = {
    id,
    command,
    input: {
      bytes: record.value,
      contentType: textHeader(record, HEADER.contentType) ?? JSON_TYPE,
    },
    replyTopic: textHeader(record, HEADER.replyTopic),
    replyPartition: numberHeader(record, HEADER.replyPartition),
    deadline: numberHeader(record, HEADER.deadline),
    attempt,
    metadata: readMetadata(record),
    trace: traceparent === undefined
      ? undefined
      : { traceparent, tracestate: textHeader(record, HEADER.tracestate) },
    wantsReceipt: record.headers.has(HEADER.receipt) || undefined,
    oneWay: reply === "none" || undefined,
    idempotencyKey: idempotencyKey(record),
    credit: reply === "stream" ? readCredit(record) : undefined,
  };
  return { kind: "request", request };
}

/** Whether a record asks for no reply, however broken it is otherwise. */
export function isOneWay({ headers }: IncomingRecord): boolean {
  const reply = headers.get(HEADER.reply);
  return reply !== undefined && isText(reply, "none");
}

function readMetadata(record: IncomingRecord): Readonly<Record<string, string>> {
  let metadata: Record<string, string> | undefined;
  for (const name of record.headers.keys()) {
    if (OWN_HEADERS.has(name) || name.startsWith("rpc-")) continue;
    metadata ??= noMetadata();
    const text = textOf(record.headers.get(name)!);
    if (text === undefined) {
      throw new MalformedRecord(`header ${quote(name)} is not UTF-8`);
    }
    metadata[name] = text;
  }
  return metadata ?? NO_METADATA;
}
