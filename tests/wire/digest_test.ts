import { createHash } from "node:crypto";
import { assertEquals, assertNotEquals } from "@std/assert";
import { recordDigest, requestDigest } from "../../src/wire/digest.ts";
import { recordOf } from "./record_of.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const digest = (command: string, value: string, contentType = "application/json") =>
  requestDigest({ command, input: { bytes: utf8(value), contentType } });

Deno.test("a request has the digest that docs/protocol.md computes in Python", () => {
  assertEquals(digest("add", '{"a":1,"b":2}'), "aSgAiP7p0h87ijNLmFpEfM");
});

Deno.test("a record has the digest of its request, whether it says application/json or not", () => {
  const headers = { "rpc-command": "add", "rpc-attempt": "2" };
  const value = '{"a":1,"b":2}';
  const records = [
    recordOf({ value, headers }),
    recordOf({ value, headers: { ...headers, "content-type": "application/json" } }),
  ];
  assertEquals(records.map(recordDigest), [digest("add", value), digest("add", value)]);
});

Deno.test("a record without anything has a digest", () => {
  assertEquals(recordDigest(recordOf({})).length, 22);
});

for (
  const [what, other] of [
    ["another command", digest("sub", "1")],
    ["another input", digest("add", "2")],
    ["another content type", digest("add", "1", "text/plain")],
    [
      "a byte that moved from the input to the content type",
      digest("add", "", "application/json1"),
    ],
    [
      "a byte that moved from the content type to the command",
      digest("adda", "1", "pplication/json"),
    ],
  ]
) {
  Deno.test(`a request with ${what} has another digest`, () => {
    assertNotEquals(other, digest("add", "1"));
  });
}

Deno.test("requests of any length have the digest that docs/protocol.md describes", () => {
  const sized = (bytes: Uint8Array) => [0, 0, bytes.length >> 8, bytes.length & 0xff, ...bytes];
  const described = (value: string) => {
    const bytes = [...sized(utf8("add")), ...sized(utf8("application/json")), ...utf8(value)];
    return createHash("sha256").update(Uint8Array.from(bytes)).digest("base64url").slice(0, 22);
  };
  const values = Array.from({ length: 1_000 }, (_, length) => "x".repeat(length));
  assertEquals(values.map((value) => digest("add", value)), values.map(described));
});
