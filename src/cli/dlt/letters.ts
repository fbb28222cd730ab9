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

/** What is sent again, or why nothing is. */
export type Replay = { readonly record: OutgoingRecord } | { readonly refused: string };

/**
 * The record as it was, to be sent to the topic of requests again, and to no other: its header names
 * any topic that a writer of dead letters likes. A deadline that has passed is renewed, or it would
 * not be started; not that of a signed request, whose signature covers it.
 */
export function replayOf(
  { record, from }: Letter,
  { topic, deadline }: { readonly topic: string; readonly deadline: number },
): Replay {
  const { key, value } = record;
  if (key === null && value === null) {
    return { refused: `only the place of the record was kept, ${from}` };
  }
  const named = headerText(record, DEAD_LETTER_HEADER.topic);
  if (named !== topic) {
    return { refused: `it says that it comes from ${named ?? "nowhere"}, not from ${topic}` };
  }
  const headers: Record<string, string | Uint8Array> = Object.fromEntries(ownHeaders(record));
  const isSigned = record.headers.has(HEADER.signature);
  const old = headerNumber(record, HEADER.deadline);
  if (old !== undefined && old < deadline && !isSigned) headers[HEADER.deadline] = String(deadline);
  return { record: { topic, key, value, headers } };
}
