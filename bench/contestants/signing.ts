/**
 * Keys of the bench: their secrets are no secrets.
 *
 * @module
 */
import type { SigningKey, VerifyKeys } from "@kafka-rpc/deno";

/** An algorithm. */
export type SignatureKind = "HMAC" | "Ed25519";

/** Options of both sides: one key for both. */
export interface SigningOptions {
  /** Signs. */
  readonly sign: SigningKey;
  /** Verifies. */
  readonly verify: VerifyKeys;
}

// The first pair of RFC 8032, section 7.1.
const PUBLIC = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
const PRIVATE = { ...PUBLIC, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" };

/** The keys of an algorithm. */
export function keysOf(kind: SignatureKind): SigningOptions {
  if (kind === "Ed25519") {
    return { sign: { keyId: "bench", key: PRIVATE }, verify: { bench: PUBLIC } };
  }
  const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
  return { sign: { keyId: "bench", key: secret }, verify: { bench: secret } };
}
