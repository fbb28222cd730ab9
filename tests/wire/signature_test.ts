import { assertEquals, assertNotEquals } from "@std/assert";
import { createHash, createHmac } from "node:crypto";
import {
  readSignature,
  recordHash,
  type SignableRecord,
  signatureText,
  signedBytes,
} from "../../src/wire/signature.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

const RECORD: SignableRecord = {
  topic: "commands",
  key: utf8("id1"),
  value: utf8("{}"),
  headers: { "rpc-version": "1", "rpc-command": "add", "rpc-key": "billing-1", tenant: "a" },
};

/** As the protocol has it, written a second time. */
function expected(label: string, parts: readonly string[], value: string): Uint8Array {
  const hash = createHash("sha256").update(value).digest();
  const all = [label, "commands", "id1", ...parts].map(utf8).concat(new Uint8Array(hash));
  return Uint8Array.from(all.flatMap((part) => [0, 0, 0, part.length, ...part]));
}

Deno.test("the signed bytes are kind, topic, key, sorted headers and the hash of the value", () => {
  const headers = ["rpc-command", "add", "rpc-key", "billing-1", "rpc-version", "1", "tenant", "a"];
  assertEquals(
    signedBytes("request", RECORD),
    expected("kafka-rpc-request-v1", headers, "{}"),
  );
});

Deno.test("a record has the same signed bytes before it is sent and after it was read", () => {
  const headers = new Map(Object.entries(RECORD.headers).map(([name, text]) => [name, utf8(text)]));
  assertEquals(signedBytes("reply", { ...RECORD, headers }), signedBytes("reply", RECORD));
});

Deno.test("the attempt, the trace and the signature itself are not signed", () => {
  const added = { "rpc-attempt": "2", traceparent: "x", tracestate: "y", "rpc-signature": "z" };
  const changed = { ...RECORD, headers: { ...RECORD.headers, ...added } };
  assertEquals(signedBytes("request", changed), signedBytes("request", RECORD));
});

const CHANGES: Record<string, Partial<SignableRecord>> = {
  "the topic": { topic: "other" },
  "the key": { key: utf8("id2") },
  "the value": { value: utf8("[]") },
  "a value that is null": { value: null },
  "a header more": { headers: { ...RECORD.headers, "rpc-reply": "none" } },
  "an empty header more": { headers: { ...RECORD.headers, "rpc-reply": "" } },
  "another header": { headers: { ...RECORD.headers, tenant: "b" } },
  "a header less": {
    headers: { "rpc-version": "1", "rpc-command": "add", "rpc-key": "billing-1" },
  },
};

for (const [what, change] of Object.entries(CHANGES)) {
  Deno.test(`other signed bytes: ${what}`, () => {
    const changed = signedBytes("request", { ...RECORD, ...change });
    assertNotEquals(changed, signedBytes("request", RECORD));
  });
}

Deno.test("no record is signed as another kind", () => {
  const kinds = (["request", "reply", "control"] as const).map((kind) => signedBytes(kind, RECORD));
  assertEquals(new Set(kinds.map(String)).size, 3);
});

Deno.test("the hash of a record covers every header, the unsigned ones too", () => {
  const headers = { ...RECORD.headers, "rpc-attempt": "2" };
  assertNotEquals(recordHash({ ...RECORD, headers }), recordHash(RECORD));
});

Deno.test("a signature is read as it was written", () => {
  const mac = createHmac("sha256", "key").update("text").digest();
  const text = signatureText("hmac-sha256", Uint8Array.from(mac).buffer);
  assertEquals(readSignature(text), { algorithm: "hmac-sha256", bytes: Uint8Array.from(mac) });
});

const WRONG: Record<string, string> = {
  "": "it is not <algorithm>:<base64url>",
  "hmac-sha256": "it is not <algorithm>:<base64url>",
  "hmac-sha256:a+b/": "it is not <algorithm>:<base64url>",
  "none:AAAA": "its algorithm is unknown",
  "toString:AAAA": "its algorithm is unknown",
  "hmac-sha256:AAAA": "it does not have the 32 bytes of hmac-sha256",
  [`hmac-sha256:${"A".repeat(86)}`]: "it does not have the 32 bytes of hmac-sha256",
  [`ed25519:${"A".repeat(43)}`]: "it does not have the 64 bytes of ed25519",
  // Its last character has bits that no byte has.
  [`hmac-sha256:${"A".repeat(42)}B`]: "it does not have the 32 bytes of hmac-sha256",
};

for (const [text, problem] of Object.entries(WRONG)) {
  Deno.test(`no signature: ${text.slice(0, 30)}`, () => {
    assertEquals(readSignature(text), { problem });
  });
}
