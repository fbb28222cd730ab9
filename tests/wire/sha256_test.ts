import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { MAX_SHORT_BYTES, message, sha256 } from "../../src/wire/sha256.ts";

const expected = (bytes: Uint8Array) => [...createHash("sha256").update(bytes).digest()];

function bytesOf(words: Int32Array): number[] {
  return [...words].flatMap((
    word,
  ) => [word >>> 24, word >>> 16 & 0xff, word >>> 8 & 0xff, word & 0xff]);
}

Deno.test("messages of every length have the digests of node:crypto, whatever was digested before", () => {
  const source = Uint8Array.from({ length: MAX_SHORT_BYTES }, (_, index) => index * 193 + 7);
  for (let length = MAX_SHORT_BYTES; length >= 0; length--) {
    message.set(source.subarray(0, length));
    assertEquals(bytesOf(sha256(length)), expected(source.subarray(0, length)), `${length} bytes`);
  }
});

Deno.test("the messages of FIPS 180-4's examples have their digests", () => {
  message.set(new TextEncoder().encode("abc"));
  const hex = bytesOf(sha256(3)).map((byte) => byte.toString(16).padStart(2, "0")).join("");
  assertEquals(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
