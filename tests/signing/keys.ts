/** Keys of tests. @module */
import type { SigningKey } from "../../src/signing/keys.ts";

/** Bytes that anybody can compute: test vectors stand in docs/protocol.md. */
export const secret = (first: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: 32 }, (_, index) => (first + index) % 256);

/** An Ed25519 pair, as JSON Web Keys: the first one of RFC 8032, section 7.1. */
export const PAIR = {
  private: {
    kty: "OKP",
    crv: "Ed25519",
    x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  },
  public: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
} as const satisfies Record<string, JsonWebKey>;

/** Keys of two callers and of the servers. */
export const ALICE = { keyId: "alice-1", key: secret(0) } as const satisfies SigningKey;
export const BOB = { keyId: "bob-1", key: secret(32) } as const satisfies SigningKey;
export const SERVER = { keyId: "server-1", key: secret(64) } as const satisfies SigningKey;

/** What a server verifies with. */
export const CALLERS = {
  "alice-1": { key: ALICE.key, principal: "alice" },
  "bob-1": { key: BOB.key, principal: "bob" },
} as const;

/** What a client verifies with. */
export const SERVERS = { "server-1": SERVER.key } as const;
