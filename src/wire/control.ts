// Control records: what a client tells every server about a call.
import {
  correlationId,
  HEADER,
  MalformedRecord,
  numberHeader,
  textHeader,
  textOf,
  utf8,
  WIRE_VERSION,
} from "./headers.ts";
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
  /** Of a later version, or no control record at all. */
  | { readonly kind: "unknown" };

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

/** Whether a request is for every server, by its headers. */
export function isCallToAll({ headers }: Pick<OutgoingRecord, "headers">): boolean {
  return headers[HEADER.control] === "call";
}

/** Reads a record of the control topic. Never throws: what is not understood is `unknown`. */
export function readControl(record: IncomingRecord): Control {
  try {
    const id = correlationId(record);
    const known = numberHeader(record, HEADER.version) === WIRE_VERSION;
    const digest = textHeader(record, HEADER.digest);
    if (known && textHeader(record, HEADER.control) === "call") return { kind: "call" };
    if (!known || !id || !digest) return { kind: "unknown" };
    switch (textHeader(record, HEADER.control)) {
      case "cancel":
        return { kind: "cancel", id, digest };
      case "credit": {
        const credit = parseCredit(textOf(record.value ?? new Uint8Array(0)) ?? "");
        return { kind: "credit", id, digest, credit };
      }
      default:
        return { kind: "unknown" };
    }
  } catch (error) {
    if (error instanceof MalformedRecord) return { kind: "unknown" };
    throw error;
  }
}
