// Control records: what a client tells every server about a call.
import {
  correlationId,
  HEADER,
  MalformedRecord,
  numberHeader,
  textHeader,
  utf8,
  WIRE_VERSION,
} from "./headers.ts";
import type { IncomingRecord, OutgoingRecord } from "./record.ts";

/** The one partition of the control topic that is used: every server reads it whole. */
export const CONTROL_PARTITION = 0;

/** What a control record asks for. */
export type Control =
  /**
   * The caller no longer waits for this call: abort it, or never start it. The digest of its request shows
   * that it comes from a client that knows more of the call than its id.
   */
  | { readonly kind: "cancel"; readonly id: string; readonly digest: string }
  /** Of a later version, or no control record at all. */
  | { readonly kind: "unknown" };

export function writeCancel(topic: string, call: { id: string; digest: string }): OutgoingRecord {
  const { id, digest } = call;
  const headers = {
    [HEADER.version]: String(WIRE_VERSION),
    [HEADER.control]: "cancel",
    [HEADER.digest]: digest,
  };
  return { topic, partition: CONTROL_PARTITION, key: utf8(id), value: new Uint8Array(0), headers };
}

/** Reads a record of the control topic. Never throws: what is not understood is `unknown`. */
export function readControl(record: IncomingRecord): Control {
  try {
    const id = correlationId(record);
    const known = numberHeader(record, HEADER.version) === WIRE_VERSION;
    const digest = textHeader(record, HEADER.digest);
    if (textHeader(record, HEADER.control) === "cancel" && known && id && digest) {
      return { kind: "cancel", id, digest };
    }
    return { kind: "unknown" };
  } catch (error) {
    if (error instanceof MalformedRecord) return { kind: "unknown" };
    throw error;
  }
}
