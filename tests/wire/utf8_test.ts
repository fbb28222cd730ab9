import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../src/wire/utf8.ts";

const expected = (text: string) => new TextEncoder().encode(text);

for (
  const [what, text] of Object.entries({
    "no text": "",
    "a short text": '{"a":1}',
    "a short text that is not ASCII": "größe 🙂",
    "a text that is not ASCII at its end": `${"a".repeat(255)}é`,
    "a long text": "a".repeat(100_000),
    "half a character": "a\ud800b",
  })
) {
  Deno.test(`utf8() encodes ${what} as a TextEncoder does`, () => {
    assertEquals(utf8(text), expected(text));
  });
}

Deno.test("utf8() leaves what it has encoded as it is", () => {
  const texts = Array.from({ length: 2_000 }, (_, index) => `${index} `.repeat(1 + index % 40));
  const encoded = texts.map(utf8);
  assertEquals(encoded, texts.map(expected));
});

Deno.test("utf8() goes on after the memory of an earlier text was handed to another thread", () => {
  const { buffer } = utf8("a");
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  assertEquals(utf8("b"), expected("b"));
});

Deno.test("a short text that is kept holds no more memory than an entry of a cache has besides", () => {
  assert(utf8("a").buffer.byteLength <= 1_024);
});

Deno.test("utf8() goes on where the memory that was handed over held no text", () => {
  for (const text of ["a", ""]) {
    const { buffer } = utf8(text);
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  }
  assertEquals(utf8(""), expected(""));
});
