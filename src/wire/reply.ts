// Replies: written by a server, read by a client.
import type { Failure, Outcome } from "./outcome.ts";
import { isRpcCode, type RpcCode } from "./errors.ts";
import {
  correlationId,
  countHeader,
  HEADER,
  JSON_TYPE,
  MalformedRecord,
  quote,
  TEXT_TYPE,
  textHeader,
  WIRE_VERSION,
} from "./headers.ts";
import { isText, utf8 } from "./utf8.ts";
import type { IncomingRecord, OutgoingRecord } from "./record.ts";
import type { TraceContext } from "./request.ts";
import { type Frame, readFrame } from "./stream.ts";

const NOTHING = new Uint8Array(0);

/** Where a reply goes and whose it is. */
export interface ReplyAddress {
  readonly topic: string;
  /** Partition of the reply; the key decides where it is undefined. */
  readonly partition?: number | undefined;
  /** The request's own key. */
  readonly key: Uint8Array | null;
  /** The correlation id; undefined for a plain record without a key. */
  readonly id?: string | undefined;
  /** Digest of the request, by which its caller knows the reply for its own; see `requestDigest`. */
  readonly digest?: string | undefined;
  /** What a signed reply names of its request, beside its digest; see `requestName`, `recordHash`. */
  readonly request?: string | undefined;
  readonly trace?: TraceContext | undefined;
  /** That of the request. */
  readonly idempotencyKey?: string | undefined;
  /** Its place in a stream; undefined where it is the only one. */
  readonly frame?: Frame | undefined;
}

export function writeReply(
  address: ReplyAddress,
  outcome: Outcome,
  options: { server: string; sendStack?: boolean | undefined; receipt?: string | undefined },
): OutgoingRecord {
  const headers: Record<string, string> = {
    [HEADER.version]: String(WIRE_VERSION),
    [HEADER.status]: outcome.ok ? "ok" : outcome.failure.code,
    [HEADER.server]: options.server,
  };
  let value: Uint8Array | null;
  if (outcome.ok) {
    const { contentType } = outcome.output;
    if (contentType !== JSON_TYPE) headers[HEADER.contentType] = contentType;
    value = outcome.output.bytes;
  } else {
    const { name, message, details, stack } = outcome.failure;
    headers[HEADER.error] = JSON.stringify({
      name,
      message,
      ...(details === undefined ? {} : { details }),
      ...(options.sendStack && stack !== undefined ? { stack } : {}),
    });
    // The text once more as the value, for readers of the topic with a console.
    headers[HEADER.contentType] = TEXT_TYPE;
    value = utf8(`${name}: ${message}`);
  }
  const { id, key, frame } = address;
  if (frame !== undefined) {
    headers[HEADER.seq] = String(frame.seq);
    if (frame.more) headers[HEADER.more] = "1";
    if (frame.isEmpty) value = null;
  }
  if (id !== undefined && (key === null || !isText(key, id))) headers[HEADER.id] = id;
  if (address.digest !== undefined) headers[HEADER.digest] = address.digest;
  if (address.idempotencyKey !== undefined) {
    headers[HEADER.idempotencyKey] = address.idempotencyKey;
  }
  if (options.receipt !== undefined) headers[HEADER.receipt] = options.receipt;
  if (address.request !== undefined) headers[HEADER.request] = address.request;
  if (address.trace !== undefined) {
    headers[HEADER.traceparent] = address.trace.traceparent;
    if (address.trace.tracestate !== undefined) {
      headers[HEADER.tracestate] = address.trace.tracestate;
    }
  }
  return {
    topic: address.topic,
    partition: address.partition,
    key: address.key,
    value,
    headers: outcome.metadata === undefined ? headers : { ...outcome.metadata, ...headers },
  };
}

/** What a record on the results topic turns out to be. */
export type ReadReply =
  /** A reply. `server` is the id of the server that wrote it, `digest` that of the request. */
  | {
    readonly kind: "reply";
    readonly id: string;
    readonly outcome: Outcome;
    readonly server: string | undefined;
    readonly digest: string | undefined;
    /** For what few ask of it: its receipt and metadata. */
    readonly record: IncomingRecord;
    /** Its place in a stream; undefined where it is the only one. */
    readonly frame?: Frame | undefined;
  }
  /** A record that no call can be waiting for, or that cannot be read: with its id where it has one. */
  | {
    readonly kind: "malformed";
    readonly id: string | undefined;
    readonly reason: string;
  };

/**
 * Reads a record of the results topic. Never throws: what cannot be read is
 * `malformed`, with the reason and, where there is one, the id.
 */
export function readReply(record: IncomingRecord): ReadReply {
  let id: string | undefined;
  try {
    id = correlationId(record);
    if (id === undefined) {
      throw new MalformedRecord("there is no correlation id");
    }
    const frame = readFrame(record);
    return {
      kind: "reply",
      id,
      outcome: readOutcome(record, frame),
      server: textHeader(record, HEADER.server),
      digest: textHeader(record, HEADER.digest),
      record,
      frame,
    };
  } catch (error) {
    if (error instanceof MalformedRecord) {
      return { kind: "malformed", id, reason: error.message };
    }
    throw error;
  }
}

function readOutcome(record: IncomingRecord, frame: Frame | undefined): Outcome {
  const version = countHeader(record, HEADER.version);
  if (version === undefined) {
    throw new MalformedRecord(`header ${HEADER.version} is missing`);
  }
  if (version > WIRE_VERSION) {
    throw new MalformedRecord(
      `its ${HEADER.version} is ${version}, this client knows ${WIRE_VERSION}`,
    );
  }
  const status = textHeader(record, HEADER.status);
  if (status === undefined) {
    throw new MalformedRecord(`header ${HEADER.status} is missing`);
  }
  if (status === "ok") {
    const bytes = frame?.isEmpty ? NOTHING : record.value;
    if (bytes === null) {
      throw new MalformedRecord("the value is null (a tombstone)");
    }
    const contentType = textHeader(record, HEADER.contentType) ??
      JSON_TYPE;
    return { ok: true, output: { bytes, contentType } };
  }
  // A code that this version does not know is still a failure, with its name kept in the text.
  const code: RpcCode = isRpcCode(status) ? status : "unknown";
  return { ok: false, failure: { ...readFailure(record, status), code } };
}

function readFailure(
  record: IncomingRecord,
  status: string,
): Omit<Failure, "code"> {
  const json = textHeader(record, HEADER.error);
  if (json === undefined) {
    return { name: "Error", message: `status ${quote(status)}` };
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new MalformedRecord(`header ${HEADER.error} is not JSON`);
  }
  const { name, message, details, stack } = Object(parsed) as Record<
    string,
    unknown
  >;
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : `status ${quote(status)}`,
    ...(details === undefined ? {} : { details }),
    ...(typeof stack === "string" ? { stack } : {}),
  };
}
