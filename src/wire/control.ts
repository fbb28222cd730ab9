// Control records: what a client tells every server, or asks it.
import { SERVER_DETAILS, type ServerDetail } from "./discovery.ts";
import {
  correlationId,
  HEADER,
  MalformedRecord,
  numberHeader,
  textHeader,
  WIRE_VERSION,
} from "./headers.ts";
import { textOf, utf8 } from "./utf8.ts";
import type { IncomingRecord, OutgoingRecord } from "./record.ts";
import { type Credit, creditText, parseCredit } from "./stream.ts";

/** The one partition of the control topic that is used: every server reads it whole. */
export const CONTROL_PARTITION = 0;

/** What a control record asks for. */
export type Control =
  /**
   * The caller no longer waits for this call: abort it, or never start it. The digest of its request shows
   * that it comes from a client that knows more of the call than its id.
   */
  | { readonly kind: "cancel"; readonly id: string; readonly digest: string }
  /** The caller of a stream is there, and takes so much of it. */
  | {
    readonly kind: "credit";
    readonly id: string;
    readonly digest: string;
    readonly credit: Credit;
  }
  /** A request for every server; it reads as any request. */
  | { readonly kind: "call" }
  /** A question about the server itself. */
  | ({ readonly kind: "question" } & Question)
  /** Of a later version, or no control record at all. */
  | { readonly kind: "unknown" };

/** A question to every server, and where its answers go. */
export interface Question {
  readonly id: string;
  readonly detail: ServerDetail;
  /** Undefined where the question left it to the server. */
  readonly replyTopic?: string | undefined;
  /** Undefined where the key decides. */
  readonly replyPartition?: number | undefined;
  /** Unix milliseconds; past it nobody answers. */
  readonly deadline?: number | undefined;
}

export function writeCancel(topic: string, call: { id: string; digest: string }): OutgoingRecord {
  return writeControl(topic, { ...call, kind: "cancel", value: "" });
}

export function writeCredit(
  topic: string,
  call: { id: string; digest: string; credit: Credit },
): OutgoingRecord {
  return writeControl(topic, { ...call, kind: "credit", value: creditText(call.credit) });
}

function writeControl(
  topic: string,
  { id, digest, kind, value }: { id: string; digest: string; kind: string; value: string },
): OutgoingRecord {
  const headers = {
    [HEADER.version]: String(WIRE_VERSION),
    [HEADER.control]: kind,
    [HEADER.digest]: digest,
  };
  return { topic, partition: CONTROL_PARTITION, key: utf8(id), value: utf8(value), headers };
}

/** Makes a request for every server of one that is written for the control topic. */
export function writeCallToAll(request: OutgoingRecord): OutgoingRecord {
  const headers = { ...request.headers, [HEADER.control]: "call" };
  return { ...request, headers, partition: CONTROL_PARTITION };
}

export function writeQuestion(
  topic: string,
  { id, detail, replyTopic, replyPartition, deadline }: Required<Question>,
): OutgoingRecord {
  const headers = {
    [HEADER.version]: String(WIRE_VERSION),
    [HEADER.control]: detail,
    [HEADER.replyTopic]: String(replyTopic),
    [HEADER.replyPartition]: String(replyPartition),
    [HEADER.deadline]: String(deadline),
  };
  return { topic, partition: CONTROL_PARTITION, key: utf8(id), value: utf8(""), headers };
}

/** Whether a record is a question, by its headers. */
export function isQuestion({ headers }: Pick<OutgoingRecord, "headers">): boolean {
  return isDetail(headers[HEADER.control]);
}

function isDetail(value: unknown): value is ServerDetail {
  return (SERVER_DETAILS as readonly unknown[]).includes(value);
}

/** Whether a request is for every server, by its headers. */
export function isCallToAll({ headers }: Pick<OutgoingRecord, "headers">): boolean {
  return headers[HEADER.control] === "call";
}

/** Reads a record of the control topic. Never throws: what is not understood is `unknown`. */
export function readControl(record: IncomingRecord): Control {
  try {
    return readKnown(record);
  } catch (error) {
    if (error instanceof MalformedRecord) return { kind: "unknown" };
    throw error;
  }
}

function readKnown(record: IncomingRecord): Control {
  const id = correlationId(record);
  const kind = textHeader(record, HEADER.control);
  if (numberHeader(record, HEADER.version) !== WIRE_VERSION) return { kind: "unknown" };
  if (kind === "call") return { kind };
  if (id && isDetail(kind)) {
    return {
      kind: "question",
      id,
      detail: kind,
      replyTopic: textHeader(record, HEADER.replyTopic),
      replyPartition: numberHeader(record, HEADER.replyPartition),
      deadline: numberHeader(record, HEADER.deadline),
    };
  }
  const digest = textHeader(record, HEADER.digest);
  if (!id || !digest) return { kind: "unknown" };
  if (kind === "cancel") return { kind, id, digest };
  if (kind !== "credit") return { kind: "unknown" };
  const credit = parseCredit(textOf(record.value ?? new Uint8Array(0)) ?? "");
  return { kind, id, digest, credit };
}
