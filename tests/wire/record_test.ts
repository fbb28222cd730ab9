import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { recordBytes } from "../../src/wire/record.ts";

const record = (
  value: Uint8Array | null,
  headers: Record<string, string> = {},
  key: Uint8Array | null = null,
) => ({ topic: "t", key, value, headers });

Deno.test("a record without anything still has its framing", () => {
  assertEquals(recordBytes(record(null)), 32);
});

Deno.test("every byte of the value counts", () => {
  assertEquals(recordBytes(record(new Uint8Array(100))) - recordBytes(record(null)), 100);
});

Deno.test("every byte of the key counts", () => {
  assertEquals(recordBytes(record(null, {}, new Uint8Array(36))), 32 + 36);
});

Deno.test("a header never weighs less than its UTF-8", () => {
  const text = "世界🎉";
  const bytes = recordBytes(record(null, { x: text })) - recordBytes(record(null));
  assertGreaterOrEqual(bytes, 1 + new TextEncoder().encode(text).byteLength);
});
