// Streams of replies: frames, and how far a server may go with them.
import { HEADER, MalformedRecord, numberHeader, quote, textHeader } from "./headers.ts";
import type { IncomingRecord } from "./record.ts";

/**
 * How far a stream may go, counted from its start, so that a credit that is lost, repeated or late
 * does no harm.
 */
export interface Credit {
  /** Highest number of a value that may be sent; the first value has 0. */
  readonly seq: number;
  /** No value is sent once those before it have so many bytes. */
  readonly bytes: number;
}

/** What a request without `rpc-credit` gives. */
export const NO_LIMIT: Credit = Object.freeze({ seq: Infinity, bytes: Infinity });

/** The place of a reply in its stream. */
export interface Frame {
  /** 0 for the first value; the last frame has the number of values. */
  readonly seq: number;
  /** Whether others follow. The last one holds what the generator returned, or why it failed. */
  readonly more: boolean;
  /** Whether it holds no value: it says that the stream goes on, and its `seq` comes again. */
  readonly isEmpty: boolean;
}

/** The text of a credit, for the value of its record and the header of a request. */
export function creditText({ seq, bytes }: Credit): string {
  return bytes === Infinity ? String(seq) : `${seq} ${bytes}`;
}

/** Throws {@linkcode MalformedRecord} for what is no credit. */
export function parseCredit(text: string): Credit {
  const [, seq, bytes = "Infinity"] = /^(\d{1,15})(?: (\d{1,15}))?$/.exec(text) ?? [];
  if (seq === undefined) {
    throw new MalformedRecord(`a credit is ${quote(text)}, not a number or two`);
  }
  return { seq: Number(seq), bytes: Number(bytes) };
}

/** The first credit of a request for a stream. */
export function readCredit(record: IncomingRecord): Credit {
  const text = textHeader(record, HEADER.credit);
  return text === undefined ? NO_LIMIT : parseCredit(text);
}

/** The place of a reply in its stream; undefined for one that is all there is. */
export function readFrame(record: IncomingRecord): Frame | undefined {
  const seq = numberHeader(record, HEADER.seq);
  if (seq === undefined) return undefined;
  const more = textHeader(record, HEADER.more) === "1";
  return { seq, more, isEmpty: more && record.value === null };
}
