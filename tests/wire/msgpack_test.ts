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

const CLAIMS: [what: string, hex: string][] = [
  ["an array", "dc0006c0c0"],
  ["an array of 32 bits", "dd00000008c0c0"],
  ["arrays in arrays, each with values for all bytes", "dc0004".repeat(4)],
  ["a short array", "9f".repeat(4)],
  ["a map", "de0004a161c0"],
  ["a map of 32 bits", "df00000005a161c0"],
  ["an array behind bytes, a text and an extension", "93c401dca1ddd5dddddd00dc00ff"],
];
for (const [what, hex] of CLAIMS) {
  Deno.test(`MessagePack reserves nothing for what ${what} names and has not`, () => {
    assertThrows(() => msgpack.decode(Uint8Array.fromHex(hex)), TypeError, "values or more in");
  });
}

Deno.test("MessagePack reads each of its kinds beside an array, whatever bytes are in it", () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at);
  const text = "ÜÝ".repeat(200);
  const numbers = [0xdd, 0xdddd, 0xddddddd, 1e17, -0x23, -0x2323, -0x23232323, -1e17, 1.5, 2e300];
  const many = Object.fromEntries(numbers.map((number, at) => [`key ${at}`, number]));
  const value = [bytes, bytes.slice(0, 300), bytes.slice(0, 3), text, "Ü", many, numbers, [
    Array.from({ length: 70_000 }, () => 0xdd),
    new Date(1_764_256_502_123),
    null,
    true,
    [],
    {},
  ]];
  assertEquals(msgpack.decode(msgpack.encode(value)), value);
});

for (
  const [value, kind] of [[5n, "bigint"], [() => 5, "function"], [Symbol(), "symbol"]] as const
) {
  Deno.test(`a ${kind} is refused by its name`, () => {
    const text = `a ${kind} cannot be sent. Send its text`;
    assertThrows(() => msgpack.encode({ a: value }), TypeError, text);
  });
}
