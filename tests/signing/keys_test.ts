import { assertEquals, assertRejects } from "@std/assert";
import type { KeyMaterial } from "../../src/signing/keys.ts";
import { Signer } from "../../src/signing/signer.ts";
import { Verifier } from "../../src/signing/verifier.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { memoryRecord } from "../../src/transport/memory/record.ts";
import type { IncomingRecord, OutgoingRecord } from "../../src/wire/record.ts";
import { PAIR, secret } from "./keys.ts";

const RECORD: OutgoingRecord = { topic: "commands", key: null, value: null, headers: {} };

function asRead(record: OutgoingRecord): IncomingRecord {
  return { ...memoryRecord(record), partition: 0, offset: 0n, timestamp: 0 };
}

const HMAC = { name: "HMAC", hash: "SHA-256" };
const hmacKey = await crypto.subtle.importKey("raw", secret(0), HMAC, false, ["sign", "verify"]);
const jwk: JsonWebKey = {
  kty: "oct",
  k: secret(0).toBase64({ alphabet: "base64url", omitPadding: true }),
};

/** The private or shared key, the one that checks it, and the algorithm. */
const PAIRS: Record<string, readonly [KeyMaterial, KeyMaterial, string]> = {
  "bytes of a secret": [secret(0), secret(0), "hmac-sha256"],
  "a CryptoKey that cannot be extracted": [hmacKey, hmacKey, "hmac-sha256"],
  "a JSON Web Key of a secret": [jwk, secret(0), "hmac-sha256"],
  "a pair of JSON Web Keys": [PAIR.private, PAIR.public, "ed25519"],
};

for (const [what, [key, verifying, algorithm]] of Object.entries(PAIRS)) {
  Deno.test(`${what} signs what it then verifies`, async () => {
    const signer = await Signer.open({ keyId: "a-1", key });
    const signed = asRead(await signer.sign("request", RECORD));
    const verifier = await Verifier.open({ "a-1": verifying });
    const verdict = await verifier.verify("request", signed);
    const text = new TextDecoder().decode(signed.headers.get("rpc-signature"));
    assertEquals([verdict.refused, text.split(":")[0]], [undefined, algorithm]);
  });
}

const UNUSABLE: Record<string, readonly [KeyMaterial, string]> = {
  "a short secret": [secret(0).subarray(0, 31), "the HMAC secret has 31 bytes, fewer than 32"],
  "a short secret as a JSON Web Key": [{ kty: "oct", k: "AAAA" }, "fewer than 32 bytes"],
  "a public key": [PAIR.public, "the JSON Web Key is a public one"],
  "a secret that is no base64url": [{ kty: "oct", k: "+".repeat(44) }, "is no base64url"],
  "a key of RSA": [{ kty: "RSA" }, "neither `oct` nor `OKP`"],
  "a broken key": [{ ...PAIR.private, d: "AAAA" }, "Web Crypto does not take it"],
  "a key of another use": [
    await crypto.subtle.importKey("raw", secret(0), HMAC, false, ["verify"]),
    'the CryptoKey does not have the usage "sign", but verify',
  ],
  "a key of another hash": [
    await crypto.subtle.importKey("raw", secret(0), { name: "HMAC", hash: "SHA-512" }, false, [
      "sign",
    ]),
    "the CryptoKey is of HMAC with SHA-512",
  ],
};

for (const [what, [key, text]] of Object.entries(UNUSABLE)) {
  Deno.test(`${what} is refused when a side opens`, async () => {
    await assertRejects(() => Signer.open({ keyId: "a-1", key }), RpcError, text);
  });
}

Deno.test("a secret is signed with as it was when the side opened", async () => {
  const bytes = secret(0);
  const signer = await Signer.open({ keyId: "a-1", key: bytes });
  const before = await signer.sign("request", RECORD);
  bytes.fill(0);
  assertEquals(await signer.sign("request", RECORD), before);
});

Deno.test("a key that cannot verify is refused when a side opens", async () => {
  const keys = { "a-1": { key: secret(0).subarray(1) } };
  await assertRejects(() => Verifier.open(keys), RpcError, "31 bytes");
});

Deno.test("a function that gives no key is an error of each signature, and says so", async () => {
  const signer = await Signer.open(() => ({ keyId: "a b", key: secret(0) }));
  await assertRejects(() => signer.sign("request", RECORD), RpcError, "gave no { keyId, key }");
});

Deno.test("what the function of a key throws is the cause of the error", async () => {
  const signer = await Signer.open(() => Promise.reject(new Error("the vault is closed")));
  const error = await assertRejects(() => signer.sign("request", RECORD), RpcError);
  assertEquals([error.code, (error.cause as Error).message], [
    "unavailable",
    "the vault is closed",
  ]);
});

Deno.test("a name of every object is no key id", async () => {
  const signer = await Signer.open({ keyId: "toString", key: secret(0) });
  const verifier = await Verifier.open({});
  const verdict = await verifier.verify("request", asRead(await signer.sign("request", RECORD)));
  assertEquals(verdict.refused, 'its key "toString" is not known');
});
