// The protocol's own lines of Python, as a second implementation.
import { assertEquals } from "@std/assert";
import { createPublicKey, verify } from "node:crypto";
import { signBytes } from "../../src/signing/algorithms.ts";
import { readyKey } from "../../src/signing/keys.ts";
import { recordHash, signatureText, signedBytes } from "../../src/wire/signature.ts";
import { PAIR, secret } from "./keys.ts";
import { python } from "./protocol_python.ts";

const PROTOCOL = Deno.readTextFileSync(new URL("../../docs/protocol.md", import.meta.url));
const utf8 = (text: string) => new TextEncoder().encode(text);

interface Case {
  readonly kind: "request" | "reply" | "control";
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Record<string, string>;
}

const VECTOR: Case = {
  kind: "request",
  topic: "commands",
  key: "id5",
  value: '{"a":1,"b":2}',
  headers: {
    "rpc-version": "1",
    "rpc-command": "add",
    "rpc-attempt": "1",
    "rpc-deadline": "1767225600000",
    tenant: "a",
    "rpc-key": "billing-1",
  },
};

const CASES: readonly Case[] = [
  VECTOR,
  { ...VECTOR, kind: "reply", headers: { "rpc-status": "ok", "rpc-seq": "0", "rpc-more": "1" } },
  { ...VECTOR, kind: "control", key: null, value: null, headers: {} },
  { ...VECTOR, key: "", value: "" },
  { ...VECTOR, key: "ü🙂", headers: { a: "ü🙂", B: "", "a-b": "\n", traceparent: "x" } },
];

const DRIVER = `
import json, sys
for line in sys.stdin:
    case = json.loads(line)
    key, value = (part if part is None else part.encode() for part in (case["key"], case["value"]))
    rest = (case["topic"], key, case["headers"], value)
    print(json.dumps([signed_bytes(case["kind"], *rest).hex(), record_hash(*rest),
                      sign(bytes(range(32)), case["kind"], *rest)]))
`;

const record = ({ topic, key, value, headers }: Case) => ({
  topic,
  key: key === null ? null : utf8(key),
  value: value === null ? null : utf8(value),
  headers,
});

Deno.test("the Python of docs/protocol.md signs the same bytes with the same signature", async () => {
  const ready = await readyKey(secret(0), "sign");
  const expected = await Promise.all(CASES.map(async (one) => {
    const bytes = signedBytes(one.kind, record(one));
    const signature = signatureText("hmac-sha256", await signBytes(ready, bytes));
    return [bytes.toHex(), recordHash(record(one)), signature];
  }));
  assertEquals(await python(DRIVER, CASES), expected);
});

Deno.test("the vectors of docs/protocol.md are what this package signs", async () => {
  const keys = [[VECTOR, secret(0)], [
    { ...VECTOR, headers: { ...VECTOR.headers, "rpc-key": "billing-2" } },
    PAIR.private,
  ]] as const;
  for (const [vector, material] of keys) {
    const ready = await readyKey(material, "sign");
    const bytes = signedBytes("request", record(vector));
    const text = signatureText(ready.algorithm, await signBytes(ready, bytes));
    assertEquals(PROTOCOL.includes(`\n${text}\n`), true, text);
  }
});

Deno.test("the vector of Ed25519 is right by another implementation", () => {
  const [, encoded] = /\ned25519:(\S+)\n/.exec(PROTOCOL)!;
  const headers = { ...VECTOR.headers, "rpc-key": "billing-2" };
  const bytes = signedBytes("request", record({ ...VECTOR, headers }));
  const key = createPublicKey({ key: PAIR.public, format: "jwk" });
  assertEquals(
    verify(null, bytes, key, Uint8Array.fromBase64(encoded!, { alphabet: "base64url" })),
    true,
  );
});
