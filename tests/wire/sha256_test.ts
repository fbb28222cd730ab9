import { createHash, getRandomValues } from "node:crypto";
import { assertEquals } from "@std/assert";
import { CHARACTERS, PADDING_BYTES, SHORT_BYTES, shortSha256 } from "../../src/wire/sha256.ts";

function digest(bytes: Uint8Array, room = new Uint8Array(SHORT_BYTES + PADDING_BYTES)): string {
  room.set(bytes);
  return shortSha256(room, bytes.length);
}

const nodes = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("base64url").slice(0, CHARACTERS);

/** Of the examples that come with FIPS 180-4. */
const EXAMPLES = {
  "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  abc: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq:
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
};

for (const [text, hex] of Object.entries(EXAMPLES)) {
  Deno.test(`shortSha256() gives the published digest of "${text}"`, () => {
    const whole = Uint8Array.fromHex(hex).toBase64({ alphabet: "base64url" });
    assertEquals(digest(new TextEncoder().encode(text)), whole.slice(0, CHARACTERS));
  });
}

Deno.test("shortSha256() gives what node:crypto gives, of bytes of each length that it takes", () => {
  const lengths = Array.from({ length: SHORT_BYTES + 1 }, (_, length) => length);
  const wrong = lengths.filter((length) => {
    const bytes = getRandomValues(new Uint8Array(length));
    return digest(bytes) !== nodes(bytes);
  });
  assertEquals(wrong, []);
});

Deno.test("shortSha256() does not see what was digested in the same room before", () => {
  const room = new Uint8Array(SHORT_BYTES + PADDING_BYTES);
  digest(new Uint8Array(SHORT_BYTES).fill(0xff), room);
  const bytes = new Uint8Array(3);
  assertEquals(digest(bytes, room), nodes(bytes));
});
