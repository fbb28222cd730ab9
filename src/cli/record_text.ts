// What records of calls say, whatever else is in them.
import { HEADER } from "../wire/headers.ts";
import { isText, textOf } from "../wire/utf8.ts";
import type { IncomingRecord } from "../wire/record.ts";

/** Text of a header; undefined where there is none, or it is no text. */
export function headerText({ headers }: IncomingRecord, name: string): string | undefined {
  const bytes = headers.get(name);
  return bytes && textOf(bytes);
}

export function headerNumber(record: IncomingRecord, name: string): number | undefined {
  const text = headerText(record, name);
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

/** The correlation id; undefined for a record without one. */
export function idOf({ headers, key }: IncomingRecord): string | undefined {
  const bytes = headers.get(HEADER.id) ?? key;
  return bytes === null ? undefined : textOf(bytes);
}

/** Whether a record is about a call; nothing is decoded. */
export function isAbout({ headers, key }: IncomingRecord, id: string): boolean {
  const bytes = headers.get(HEADER.id) ?? key;
  return bytes !== null && isText(bytes, id);
}

/** `commands[2]@17`. */
export function placeText(
  place: { readonly topic: string; readonly partition: number; readonly offset: bigint | number },
): string {
  return `${place.topic}[${place.partition}]@${place.offset}`;
}

/** Unix milliseconds that a UUID of version 7 begins with; undefined for any other id. */
export function timeOfId(id: string): number | undefined {
  const isV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id);
  return isV7 ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}
