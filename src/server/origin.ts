/**
 * Who asked for what under an id: a repeat must be the same request, from the same caller.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { textOf } from "../wire/headers.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { ReplyAddress } from "../wire/reply.ts";

/** What a repeat is compared with. */
export interface Origin {
  /** Correlation id. */
  readonly id: string;
  /** Digest of the request. */
  readonly digest: string;
  /** Names of the place that its reply goes to; two origins share a place if they share a name. */
  readonly places: readonly string[];
}

/**
 * The origin of a request.
 *
 * @param request Its id and digest.
 * @param address Where its reply goes.
 * @returns The origin.
 */
export function originOf(
  request: { readonly id: string; readonly digest: string },
  address: ReplyAddress,
): Origin {
  const { id, digest } = request;
  const { topic, partition, key } = address;
  const place = partition === undefined ? placeOfKey(key, id) : String(partition);
  return { id, digest, places: [`${topic} ${place}`] };
}

/**
 * The origin of the request that a record of the results topic answers. Whether it named the
 * partition, or left it to its key, can't be seen from there.
 *
 * @param request Id and digest of the request.
 * @param reply The record.
 * @returns The origin.
 */
export function originOfReply(
  request: { readonly id: string; readonly digest: string },
  reply: IncomingRecord,
): Origin {
  const { id, digest } = request;
  const { topic, partition, key } = reply;
  return { id, digest, places: [`${topic} ${partition}`, `${topic} ${placeOfKey(key, id)}`] };
}

/** The key itself may be as large as a record; it is almost always the id. */
function placeOfKey(key: Uint8Array | null, id: string): string {
  if (key === null) return "no key";
  if (textOf(key) === id) return "id";
  return `key ${createHash("sha256").update(key).digest("base64url")}`;
}

/**
 * Says why a request is no repeat of another one under its id.
 *
 * @param first Who asked first.
 * @param again Who asks now.
 * @returns What differs; undefined for a repeat.
 */
export function difference(first: Origin, again: Origin): string | undefined {
  if (first.digest !== again.digest) return "another command or input";
  if (!first.places.some((place) => again.places.includes(place))) return "another reply address";
  return undefined;
}
