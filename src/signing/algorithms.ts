// The two algorithms, and what computes them.
import { createHmac, createSecretKey, KeyObject, timingSafeEqual } from "node:crypto";
import type { SignatureAlgorithm } from "../wire/signature.ts";

/** A key that can be used. */
export type ReadyKey =
  | { readonly algorithm: "hmac-sha256"; readonly secret: KeyObject }
  | { readonly algorithm: "ed25519"; readonly key: CryptoKey };

/** The same, by its algorithm. */
export type ReadyKeyOf<Algorithm extends SignatureAlgorithm> = Extract<
  ReadyKey,
  { readonly algorithm: Algorithm }
>;

/** A secret that is ready: the bytes may change later. */
export function ofSecret(secret: Uint8Array): ReadyKeyOf<"hmac-sha256"> {
  return { algorithm: "hmac-sha256", secret: createSecretKey(secret.slice()) };
}

/** The same of a CryptoKey of HMAC with SHA-256. */
export function ofHmacKey(key: CryptoKey): ReadyKeyOf<"hmac-sha256"> {
  return { algorithm: "hmac-sha256", secret: KeyObject.from(key) };
}

/**
 * Signs bytes. HMAC at once: Web Crypto has each of its operations done by another thread, and the
 * way there and back takes longer than the hash. Ed25519 takes long enough to be worth the way.
 */
export function signBytes(
  ready: ReadyKey,
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array | Promise<ArrayBuffer> {
  return ready.algorithm === "hmac-sha256"
    ? hmac(ready.secret, bytes)
    : crypto.subtle.sign("Ed25519", ready.key, bytes);
}

/** Whether a signature is right; `signature` has as many bytes as the algorithm's have. */
export function isSignature(
  ready: ReadyKey,
  bytes: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): boolean | Promise<boolean> {
  // In constant time: how long it takes says nothing of how many bytes are right.
  return ready.algorithm === "hmac-sha256"
    ? timingSafeEqual(hmac(ready.secret, bytes), signature)
    : crypto.subtle.verify("Ed25519", ready.key, signature, bytes);
}

function hmac(secret: KeyObject, bytes: Uint8Array): Uint8Array {
  return createHmac("sha256", secret).update(bytes).digest();
}
