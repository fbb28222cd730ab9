// What a signature covers, and how it is written: the part of signing that other languages share.
import { hash } from "node:crypto";
import { HEADER } from "./headers.ts";
import { LengthPrefixed } from "./length_prefixed.ts";

/** What a record is. It stands in front of the signed bytes, so that none can pass for another kind. */
export type SignedKind = "request" | "reply" | "control";

/** Names of the algorithms, as they stand in the header, and the bytes that their signatures have. */
const SIGNATURE_BYTES = { "hmac-sha256": 32, "ed25519": 64 } as const;

/** Name of an algorithm. */
export type SignatureAlgorithm = keyof typeof SIGNATURE_BYTES;

/** A record before it is sent, or after it was read. */
export interface SignableRecord {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers:
    | Readonly<Record<string, string | Uint8Array>>
    | ReadonlyMap<string, Uint8Array>;
}

/** What may change between two sendings of one request, or on its way, and the signature itself. */
const UNSIGNED: ReadonlySet<string> = new Set([
  HEADER.signature,
  HEADER.attempt,
  HEADER.traceparent,
  HEADER.tracestate,
]);
const NOTHING = new Uint8Array(0);
const LABELS: Readonly<Record<SignedKind, string>> = {
  request: "kafka-rpc-request-v1",
  reply: "kafka-rpc-reply-v1",
  control: "kafka-rpc-control-v1",
};
const RECORD_LABEL = "kafka-rpc-record-v1";
const list = new LengthPrefixed();
const isSigned = (name: string): boolean => !UNSIGNED.has(name);

/**
 * The bytes that are signed: the kind of the record, its topic, its key, the names and values of its
 * headers in the order of the names, and the SHA-256 of its value, each behind its length as 32 bits,
 * most significant byte first. A key or value that is null counts as none: zero bytes.
 */
export function signedBytes(kind: SignedKind, record: SignableRecord): Uint8Array<ArrayBuffer> {
  return listOf(LABELS[kind], record, isSigned);
}

/**
 * Identifies a request that no signature identifies, because it has none or a wrong one: SHA-256 of
 * the same list, with every header. So a refusal is for the very record that was refused: a copy that
 * was changed anywhere, to have it refused, does not end the call of the original.
 */
export function recordHash(record: SignableRecord): string {
  const bytes = listOf(RECORD_LABEL, record, () => true);
  return hash("sha256", bytes, "base64url");
}

/** What the replies to a request name in the header `rpc-request` and sign: who asked, and for what. */
export function requestName(keyId: string, signature: string): string {
  return `${keyId} ${signature}`;
}

/** The value of the header `rpc-signature`. */
export function signatureText(
  algorithm: SignatureAlgorithm,
  signature: ArrayBuffer | Uint8Array,
): string {
  const bytes = signature instanceof Uint8Array ? signature : new Uint8Array(signature);
  return `${algorithm}:${bytes.toBase64(BASE64URL)}`;
}

const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

/** A signature as it was read, or what is wrong with its text. */
export type ReadSignature =
  | { readonly algorithm: SignatureAlgorithm; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly problem: string };

/** Reads the value of the header `rpc-signature`. */
export function readSignature(text: string): ReadSignature {
  const [, name = "", encoded = ""] = /^([\w-]{1,40}):([\w-]{1,200})$/.exec(text) ?? [];
  if (name === "") return { problem: "it is not <algorithm>:<base64url>" };
  if (!Object.hasOwn(SIGNATURE_BYTES, name)) return { problem: "its algorithm is unknown" };
  const algorithm = name as SignatureAlgorithm;
  const bytes = bytesOf(encoded);
  if (bytes?.length !== SIGNATURE_BYTES[algorithm]) {
    return { problem: `it does not have the ${SIGNATURE_BYTES[algorithm]} bytes of ${algorithm}` };
  }
  return { algorithm, bytes };
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    // Strict, so that each signature has one text; padding is left out in headers.
    const padded = base64url.padEnd(Math.ceil(base64url.length / 4) * 4, "=");
    return Uint8Array.fromBase64(padded, { alphabet: "base64url", lastChunkHandling: "strict" });
  } catch {
    return undefined; // it says nothing but that the text is no base64url
  }
}

function listOf(
  label: string,
  { topic, key, value, headers }: SignableRecord,
  isListed: (name: string) => boolean,
): Uint8Array<ArrayBuffer> {
  const isMap = headers instanceof Map;
  const names = (isMap ? [...headers.keys()] : Object.keys(headers)).sort();
  list.begin();
  list.text(label);
  list.text(topic);
  list.bytes(key ?? NOTHING);
  for (const name of names) {
    if (!isListed(name)) continue;
    list.text(name);
    const text: string | Uint8Array = isMap
      ? headers.get(name)!
      : (headers as Record<string, string | Uint8Array>)[name]!;
    if (typeof text === "string") list.text(text);
    else list.bytes(text);
  }
  // As text and back: node:crypto takes longer to give a Buffer.
  list.bytes(value === null ? NOTHING : Uint8Array.fromHex(hash("sha256", value, "hex")));
  return list.end();
}
