// Dead letters: records that no server could read, and why.
import { DEAD_LETTER_HEADER, HEADER } from "../../wire/headers.ts";
import type { IncomingRecord, OutgoingRecord } from "../../wire/record.ts";
import { headerNumber, headerText, idOf } from "../record_text.ts";

export interface Letter {
  /** Where it lies on the dead-letter topic: `partition@offset`. */
  readonly place: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly reason: string;
  /** Where the record came from: `topic[partition]@offset`, or up to a second offset. */
  readonly from: string;
  readonly id: string | undefined;
  readonly command: string | undefined;
  readonly record: IncomingRecord;
}

export function letterOf(record: IncomingRecord): Letter {
  const text = (name: string) => headerText(record, name);
  const topic = text(DEAD_LETTER_HEADER.topic) ?? "?";
  const partition = text(DEAD_LETTER_HEADER.partition) ?? "?";
  const offset = text(DEAD_LETTER_HEADER.offset) ?? "?";
  const last = text(DEAD_LETTER_HEADER.lastOffset);
  return {
    place: `${record.partition}@${record.offset}`,
    at: record.timestamp,
    reason: text(DEAD_LETTER_HEADER.reason) ?? "?",
    from: `${topic}[${partition}]@${offset}${last === undefined ? "" : `–${last}`}`,
    id: idOf(record),
    command: text(HEADER.command),
    record,
  };
}

/** Headers of the record itself, without those that say why it is here. */
export function ownHeaders({ headers }: IncomingRecord): [name: string, bytes: Uint8Array][] {
  const added = new Set<string>(Object.values(DEAD_LETTER_HEADER));
  return [...headers].filter(([name]) => !added.has(name));
}

/**
 * The record as it was, to be sent to its topic again. A deadline that has passed is renewed, or it
 * would not be started; not that of a signed request, whose signature covers it. Undefined where
 * only the place of the record was kept.
 */
export function replayOf(
  { record }: Letter,
  { deadline }: { readonly deadline: number },
): OutgoingRecord | undefined {
  const topic = headerText(record, DEAD_LETTER_HEADER.topic);
  const { key, value } = record;
  if (topic === undefined || key === null && value === null) return undefined;
  const headers: Record<string, string | Uint8Array> = Object.fromEntries(ownHeaders(record));
  const isSigned = record.headers.has(HEADER.signature);
  const old = headerNumber(record, HEADER.deadline);
  if (old !== undefined && old < deadline && !isSigned) headers[HEADER.deadline] = String(deadline);
  return { topic, key, value, headers };
}
