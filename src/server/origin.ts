// What tells requests under one id apart: a repeat must be the same request, from the same caller.
import { hash } from "node:crypto";
import { MAX_ID_BYTES } from "../wire/headers.ts";
import { isText } from "../wire/utf8.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { ReplyAddress } from "../wire/reply.ts";

/** What a repeat is compared with. */
export interface Origin {
  /** What repeats have in common: the id, or the idempotency key in a form that no id has. */
  readonly id: string;
  readonly digest: string;
  /** Who signed it; undefined where nothing is signed. */
  readonly principal?: string | undefined;
  /** Of this and its repeats: several tables have it as their key, and can share one text. */
  readonly name: string;
  /** The {@linkcode nameOf} this one call, by which it is canceled. */
  readonly callName: string;
  /** Topic that its reply goes to. */
  readonly topic: string;
  /** Name of the place there; two origins share a place if they share topic and name. */
  readonly place: string;
  /** Another name that it may have. */
  readonly orPlace: string | undefined;
}

/** What a request is known by. */
export interface RequestIdentity {
  readonly id: string;
  readonly digest: string;
  /** Who signed it; undefined where nothing is signed. */
  readonly principal?: string | undefined;
  /** Of the caller's own; it takes the place of the id. */
  readonly idempotencyKey?: string | undefined;
}

/**
 * Name of a request: digests have one length, and a principal stands behind its own, so that no two
 * requests share one. What one principal was answered is not for another one.
 */
export function nameOf({ id, digest, principal }: RequestIdentity): string {
  return principal === undefined
    ? `${digest} ${id}`
    : `${digest}/${principal.length}/${principal} ${id}`;
}

/** The origin of a request, by where its reply goes. */
export function originOf(request: RequestIdentity, address: ReplyAddress): Origin {
  const { id, digest, principal, idempotencyKey } = request;
  if (idempotencyKey !== undefined) return originOfKey(idempotencyKey, request);
  const { topic, partition, key } = address;
  const place = partition === undefined ? placeOfKey(key, id) : String(partition);
  const name = nameOf(request);
  return { id, digest, principal, name, callName: name, topic, place, orPlace: undefined };
}

/** Longer than any id. */
const KEY_PREFIX = "idempotency key ".padEnd(MAX_ID_BYTES + 1);

/** Whether it is that of an idempotency key. */
export const isOfKey = ({ id }: Origin): boolean => id.startsWith(KEY_PREFIX);

/** The origin of all requests with a key: where their replies go makes no difference. */
function originOfKey(key: string, { id, digest, principal }: RequestIdentity): Origin {
  // Two principals may choose the same key.
  const owner = principal === undefined ? "" : `${principal.length}/${principal} `;
  const named = `${KEY_PREFIX}${owner}${key}`;
  const name = nameOf({ id: named, digest, principal });
  const callName = nameOf({ id, digest, principal });
  return { id: named, digest, principal, name, callName, topic: "", place: "", orPlace: undefined };
}

/**
 * The origin of the request that a record of the results topic answers. Whether it named the
 * partition, or left it to its key, can't be seen from there.
 */
export function originOfReply(request: RequestIdentity, reply: IncomingRecord): Origin {
  const { id, digest, principal, idempotencyKey } = request;
  if (idempotencyKey !== undefined) return originOfKey(idempotencyKey, request);
  const { topic, partition, key } = reply;
  const name = nameOf(request);
  const [place, orPlace] = [String(partition), placeOfKey(key, id)];
  return { id, digest, principal, name, callName: name, topic, place, orPlace };
}

/** The key itself may be as large as a record; it is almost always the id. */
function placeOfKey(key: Uint8Array | null, id: string): string {
  if (key === null) return "no key";
  if (isText(key, id)) return "id";
  return `key ${hash("sha256", key, "base64url")}`;
}

/** Says in what a request differs from the first one under its id; undefined for a repeat. */
export function difference(first: Origin, again: Origin): string | undefined {
  if (first.digest !== again.digest) return "another command or input";
  if (first.principal !== again.principal) return "another principal";
  const isSamePlace = first.topic === again.topic &&
    (isAt(first, again.place) || again.orPlace !== undefined && isAt(first, again.orPlace));
  return isSamePlace ? undefined : "another reply address";
}

const isAt = ({ place, orPlace }: Origin, name: string): boolean =>
  place === name || orPlace === name;
