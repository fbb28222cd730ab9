// Keys as users give them, and how they become ready.
import { RpcError } from "../wire/errors.ts";
import { ofHmacKey, ofSecret, type ReadyKey } from "./algorithms.ts";

/**
 * A key, in any form that Web Crypto imports: a CryptoKey of HMAC with SHA-256 or of Ed25519, which
 * need not be extractable; a JSON Web Key (`kty` `oct`, or `OKP` with `crv` `Ed25519`); or the bytes
 * of an HMAC secret, at least 32.
 */
export type KeyMaterial = CryptoKey | JsonWebKey | Uint8Array<ArrayBuffer>;

/** A key that signs, and the name by which the other side knows it. */
export interface SigningKey {
  /** Name of the key, the header `rpc-key`: 1 to 100 of A-Z a-z 0-9 . _ : @ / + = - */
  readonly keyId: string;
  /** An HMAC secret, or the private key of an Ed25519 pair. */
  readonly key: KeyMaterial;
}

/** A key that signatures are checked with, and who has it. */
export interface TrustedKey {
  /** An HMAC secret, or the public key of an Ed25519 pair. */
  readonly key: KeyMaterial;
  /** Who signs with it; several keys of one principal live side by side. Default: the key id. */
  readonly principal?: string | undefined;
}

/**
 * The keys whose signatures are taken, by key id. An object or a Map is looked up for each record, so
 * that a key which is added or deleted counts from the next record on; a function may ask a key
 * service, and should remember its answers: every program that may write to the topic makes it run.
 */
export type VerifyKeys =
  | Readonly<Record<string, KeyMaterial | TrustedKey>>
  | ReadonlyMap<string, KeyMaterial | TrustedKey>
  | ((
    keyId: string,
  ) => KeyMaterial | TrustedKey | undefined | Promise<KeyMaterial | TrustedKey | undefined>);

/** A key that was found, with its principal. */
export interface FoundKey {
  readonly key: KeyMaterial;
  readonly principal: string;
}

/** Fewest bytes of an HMAC secret: as many as SHA-256 gives (RFC 2104, section 3). */
const SECRET_BYTES = 32;

/** The form of a key id: it stands in headers beside other words. */
export const KEY_ID = /^[\w.:@/+=-]{1,100}$/;
/** The same in words. */
export const KEY_ID_ADVICE = "Give 1 to 100 of A-Z a-z 0-9 . _ : @ / + = -";

type Use = "sign" | "verify";
const imported: Record<Use, WeakMap<object, Promise<ReadyKey>>> = {
  sign: new WeakMap(),
  verify: new WeakMap(),
};

/** Imports a key, once for each object that holds one; rejects with `invalid_argument`. */
export function readyKey(material: KeyMaterial, use: Use): Promise<ReadyKey> {
  const known = imported[use];
  const earlier = known.get(material);
  if (earlier !== undefined) return earlier;
  const ready = importKey(material, use);
  known.set(material, ready);
  return ready;
}

async function importKey(material: KeyMaterial, use: Use): Promise<ReadyKey> {
  if (material instanceof CryptoKey) return ofCryptoKey(material, use);
  if (material instanceof Uint8Array) {
    if (material.byteLength < SECRET_BYTES) {
      const size = material.byteLength;
      throw unusable(`the HMAC secret has ${size} bytes, fewer than ${SECRET_BYTES}`);
    }
    return ofSecret(material);
  }
  const { kty, crv, k, d } = material;
  if (kty === "oct" && typeof k === "string") {
    if (k.length < SECRET_BYTES * 4 / 3) {
      throw unusable(`the HMAC secret has fewer than ${SECRET_BYTES} bytes`);
    }
    return ofSecret(decoded(k));
  }
  if (kty === "OKP" && crv === "Ed25519") {
    if (use === "sign" && d === undefined) {
      throw unusable(
        "the JSON Web Key is a public one. A signature needs the private one, with `d`",
      );
    }
    const { x } = material;
    const jwk = use === "sign" ? { kty, crv, x, d } : { kty, crv, x };
    return { algorithm: "ed25519", key: await imported25519(jwk as JsonWebKey, use) };
  }
  throw unusable("the JSON Web Key is neither `oct` nor `OKP` with the curve Ed25519");
}

function decoded(base64url: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(base64url, { alphabet: "base64url" });
  } catch (cause) {
    throw unusable(`\`k\` of the JSON Web Key is no base64url: ${(cause as Error).message}`);
  }
}

async function imported25519(key: JsonWebKey, use: Use): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("jwk", key, "Ed25519", false, [use]);
  } catch (cause) {
    throw unusable(`Web Crypto does not take it: ${(cause as Error).message}`);
  }
}

function ofCryptoKey(key: CryptoKey, use: Use): ReadyKey {
  if (!key.usages.includes(use)) {
    throw unusable(`the CryptoKey does not have the usage "${use}", but ${key.usages.join(", ")}`);
  }
  const { name, hash } = key.algorithm as { name: string; hash?: { name: string } };
  if (name === "Ed25519") return { algorithm: "ed25519", key };
  if (name === "HMAC" && hash?.name === "SHA-256") return ofHmacKey(key);
  throw unusable(`the CryptoKey is of ${name}${hash ? ` with ${hash.name}` : ""}`);
}

function unusable(reason: string): RpcError {
  return new RpcError(
    "invalid_argument",
    `Cannot use a key: ${reason}. Give a CryptoKey of HMAC with SHA-256 or of Ed25519, a JSON Web ` +
      "Key of one of them, or an HMAC secret of 32 bytes or more.",
  );
}

/** The key and the principal that stand for a key id. */
export function trustedKey(entry: KeyMaterial | TrustedKey, keyId: string): FoundKey {
  if (isTrustedKey(entry)) return { key: entry.key, principal: entry.principal ?? keyId };
  return { key: entry, principal: keyId };
}

/** Whether an entry has more than the key itself. */
export function isTrustedKey(entry: unknown): entry is TrustedKey {
  return typeof entry === "object" && entry !== null && Object.hasOwn(entry, "key");
}

/** All keys that are not looked up by a function. */
export function keyEntries<Entry>(
  keys: Readonly<Record<string, Entry>> | ReadonlyMap<string, Entry>,
): [string, Entry][] {
  return keys instanceof Map ? [...keys] : Object.entries(keys);
}
