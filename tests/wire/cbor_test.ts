import { assertEquals, assertThrows } from "@std/assert";
import cbor from "../../src/wire/codecs/cbor.ts";

const VALUES = [
  null,
  undefined,
  "Grüße 🎉",
  1.5,
  NaN,
  -Infinity,
  2n ** 60n,
  -(2n ** 60n),
  [1, { a: Uint8Array.of(0, 255) }],
  new Date(1_764_256_502_123),
  new Date(-1),
];
for (const value of VALUES) {
  Deno.test(`CBOR keeps ${Deno.inspect(value)}`, () => {
    assertEquals(cbor.decode(cbor.encode(value)), value);
  });
}

Deno.test("CBOR leaves undefined out as a property", () => {
  assertEquals(cbor.decode(cbor.encode({ a: undefined, b: 1 })), { b: 1 });
});

Deno.test("a date that another language sent as text is read", () => {
  // RFC 8949, appendix A: 0("2013-03-21T20:04:00Z")
  const bytes = Uint8Array.fromHex("c074323031332d30332d32315432303a30343a30305a");
  assertEquals(cbor.decode(bytes), new Date("2013-03-21T20:04:00Z"));
});

Deno.test("a number of RFC 8949, appendix A, is encoded as it stands there", () => {
  assertEquals(cbor.encode({ a: 1, b: [2, 3] }).toHex(), "a26161016162820203");
});

Deno.test("a key `__proto__` is a property like any other", () => {
  const value = cbor.decode(cbor.encode(JSON.parse('{ "__proto__": { "isAdmin": true } }')));
  assertEquals((value as { isAdmin?: boolean }).isAdmin, undefined);
});

const CHANGED = [
  new Map(),
  new Set(),
  new Error("x"),
  /x/,
  Promise.resolve(1),
  1n,
  new Date(NaN),
  new URL("a:b"),
  new Float32Array(1),
  () => 1,
  Symbol("s"),
];
for (const value of CHANGED) {
  Deno.test(`CBOR refuses ${Deno.inspect(value)}, which it would change`, () => {
    assertThrows(() => cbor.encode({ value }));
  });
}

for (const hex of ["a2616101", "ff", "1c", "5bffffffffffffffff", "9fff00"]) {
  Deno.test(`the bytes ${hex} are refused`, () => {
    assertThrows(() => cbor.decode(Uint8Array.fromHex(hex)));
  });
}
