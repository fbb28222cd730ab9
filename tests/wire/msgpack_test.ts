import { assertEquals, assertThrows } from "@std/assert";
import msgpack from "../../src/wire/codecs/msgpack.ts";

const VALUES = [null, undefined, "Grüße 🎉", 1.5, [1, { a: Uint8Array.of(0, 255) }], new Date(1)];
for (const value of VALUES) {
  Deno.test(`MessagePack keeps ${Deno.inspect(value)}`, () => {
    assertEquals(msgpack.decode(msgpack.encode(value)), value);
  });
}

Deno.test("MessagePack leaves undefined out as a property", () => {
  assertEquals(msgpack.decode(msgpack.encode({ a: undefined, b: 1 })), { b: 1 });
});

for (const value of [new Map(), new Set(), new Error("x"), /x/, Promise.resolve(1), 1n]) {
  Deno.test(`MessagePack refuses ${Deno.inspect(value)}, which it would change`, () => {
    assertThrows(() => msgpack.encode({ value }));
  });
}
