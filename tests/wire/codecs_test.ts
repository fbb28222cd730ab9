import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";

const codec = codecsWith();
const text = (value: unknown) => new TextDecoder().decode(codec.encode(value).bytes);

const VALUES: unknown[] = [
  null,
  true,
  0,
  -1.5,
  "",
  "Grüße 🎉",
  [],
  [1, [2, { three: 3 }]],
  { a: { b: null }, "": 1 },
  undefined,
  Uint8Array.of(0, 255, 10),
];
for (const value of VALUES) {
  Deno.test(`${Deno.inspect(value)} arrives as it was sent`, () => {
    assertEquals(codec.decode(codec.encode(value)), value);
  });
}

Deno.test("undefined is zero bytes of JSON", () => {
  const { bytes, contentType } = codec.encode(undefined);
  assertEquals([bytes.byteLength, contentType], [0, "application/json"]);
});

Deno.test("undefined as a property is left out", () => {
  assertEquals(text({ a: undefined, b: 1 }), '{"b":1}');
});

Deno.test("a Date is its ISO text", () => {
  assertEquals(text(new Date(0)), '"1970-01-01T00:00:00.000Z"');
});

Deno.test("toJSON decides for an object that has it", () => {
  assertEquals(text({ toJSON: () => ({ x: 1 }) }), '{"x":1}');
});

Deno.test("toJSON that gives undefined is undefined", () => {
  assertEquals(codec.encode({ toJSON: () => undefined }).bytes.byteLength, 0);
});

Deno.test("an ArrayBuffer arrives as its bytes", () => {
  assertEquals(codec.decode(codec.encode(Uint8Array.of(1, 2).buffer)), Uint8Array.of(1, 2));
});

Deno.test("a Buffer is bytes, not the JSON that its toJSON gives", () => {
  assertEquals(codec.decode(codec.encode(Buffer.from("hi"))), new Uint8Array(Buffer.from("hi")));
});

Deno.test("a view of a part of a buffer is that part alone", () => {
  assertEquals(
    codec.decode(codec.encode(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))),
    Uint8Array.of(2, 3),
  );
});

Deno.test("decoded bytes are a copy: they do not keep the whole fetch in memory", () => {
  const whole = new Uint8Array(1_000);
  const bytes = codec.decode({
    bytes: whole.subarray(0, 2),
    contentType: "application/octet-stream",
  });
  assertEquals((bytes as Uint8Array).buffer.byteLength, 2);
});

const cycle: { self?: unknown } = {};
cycle.self = cycle;
const REFUSED: [unknown, string][] = [
  [NaN, "the value is NaN"],
  [{ a: Infinity }, 'property "a" is Infinity'],
  [{ a: { b: [-Infinity] } }, 'property "a.b[0]" is -Infinity'],
  [{ big: 1n }, 'property "big" is a BigInt'],
  [() => 1, "the value is a function"],
  [{ s: Symbol("s") }, 'property "s" is a symbol'],
  [[undefined], "undefined inside an array"],
  [new Map([[1, 2]]), "the value is a Map or Set"],
  [{ set: new Set([1]) }, 'property "set" is a Map or Set'],
  [{ bytes: Uint8Array.of(1) }, 'property "bytes" is bytes inside an object'],
  [{ a: { b: [1, new Headers()] } }, 'property "a.b[1]" is a Headers'],
  [{ "a b": [{ c: NaN }] }, 'property "["a b"][0].c" is NaN'],
  [{ list: { toJSON: () => [{ n: NaN }] } }, 'property "list[0].n" is NaN'],
  [new Blob(["x"]), "the value is a Blob"],
  [new FormData(), "the value is a FormData"],
  [new URLSearchParams("a=1"), "the value is a URLSearchParams"],
  [new Request("http://localhost"), "the value is a Request"],
  [new Response(), "the value is a Response"],
  [new ReadableStream(), "the value is a ReadableStream"],
  [new WritableStream(), "the value is a WritableStream"],
  [new TransformStream(), "the value is a TransformStream"],
  [{ g: (function* () {})() }, 'property "g" is a Generator'],
  [{ g: (async function* () {})() }, 'property "g" is a AsyncGenerator'],
  [[1].values(), "the value is a Array Iterator"],
  [new Map().keys(), "the value is a Map Iterator"],
  [Iterator.from([1]).map((n) => n), "the value is a Iterator Helper"],
  [new WeakMap(), "the value is a WeakMap"],
  [new WeakSet(), "the value is a WeakSet"],
  [{ ref: new WeakRef({}) }, 'property "ref" is a WeakRef'],
  [{ n: Object(NaN) }, 'property "n" is NaN'],
  [{ n: Object(1n) }, 'property "n" is a BigInt'],
  [{ s: Object(Symbol("s")) }, 'property "s" is a Symbol'],
  // deno-lint-ignore no-sparse-arrays -- the hole is what is tested
  [{ a: [1, , 2] }, 'property "a[1]" is a hole'],
  [cycle, "circular"],
  [new Date(NaN), "an invalid Date"],
  [{ when: new Date(NaN) }, 'property "when" is an invalid Date'],
];
for (const [value, message] of REFUSED) {
  Deno.test(`${Deno.inspect(value)} is refused: JSON would change it`, () => {
    assertThrows(() => codec.encode(value), TypeError, message);
  });
}

Deno.test("encodeText() gives what String() gives", () => {
  const { bytes, contentType } = codec.encodeText([1, [2]]);
  assertEquals([new TextDecoder().decode(bytes), contentType], ["1,2", "text/plain"]);
});

Deno.test("text/plain decodes to text", () => {
  assertEquals(
    codec.decode({ bytes: new TextEncoder().encode("1"), contentType: "text/plain" }),
    "1",
  );
});

Deno.test("a content type may have parameters and capitals", () => {
  const bytes = new TextEncoder().encode("[1]");
  assertEquals(codec.decode({ bytes, contentType: " Application/JSON; charset=utf-8" }), [1]);
});

Deno.test("a value that is not JSON is refused", () => {
  const bytes = new TextEncoder().encode("{a: 1}");
  assertThrows(
    () => codec.decode({ bytes, contentType: "application/json" }),
    TypeError,
    "not JSON",
  );
});

Deno.test("JSON that is not UTF-8 is refused", () => {
  const bytes = Uint8Array.of(0x22, 0xff, 0x22);
  assertThrows(
    () => codec.decode({ bytes, contentType: "application/json" }),
    TypeError,
    "not UTF-8",
  );
});

Deno.test("an unknown content type is refused by name", () => {
  const payload = { bytes: new Uint8Array(0), contentType: "application/avro" };
  assertThrows(() => codec.decode(payload), TypeError, '"application/avro" is not known');
});

Deno.test("a property __proto__ arrives as a property, not as the prototype", () => {
  const sent = JSON.parse('{"__proto__":{"admin":true}}');
  const received = codec.decode(codec.encode(sent)) as { admin?: boolean };
  assertEquals(received.admin, undefined);
});

Deno.test("code that replaces JSON later does not change what is sent", () => {
  const held = codecsWith();
  const { stringify } = JSON;
  try {
    JSON.stringify = () => "hacked";
    assertEquals(held.encode(1).bytes, new TextEncoder().encode("1"));
  } finally {
    JSON.stringify = stringify;
  }
});

for (const value of [new Error("x"), /x/, Promise.resolve(1)]) {
  Deno.test(`encode() refuses a ${value.constructor.name}, which JSON turns into {}`, () => {
    assertThrows(() => codecsWith().encode({ value }), TypeError, 'property "value"');
  });
}

Deno.test("encode() refuses bytes inside an object, also those that have a toJSON", () => {
  const buffer = Object.assign(new Uint8Array(1), { toJSON: () => ({ type: "Buffer" }) });
  assertThrows(() => codecsWith().encode({ buffer }), TypeError, "bytes inside an object");
});

Deno.test("a view of bytes that is no Uint8Array is refused, with what to do", () => {
  assertThrows(() => codec.encode(new Float32Array(1)), TypeError, "no Uint8Array");
});

const fixed = {
  contentType: "application/x-fixed",
  encode: () => Uint8Array.of(7),
  decode: () => "decoded",
};

Deno.test("a codec of a user encodes where its content type is asked for, under that very text", () => {
  const { bytes, contentType } = codecsWith([fixed]).encode(1, "Application/X-Fixed; v=1");
  assertEquals([bytes, contentType], [Uint8Array.of(7), "Application/X-Fixed; v=1"]);
});

Deno.test("a codec of a user decodes what has its content type", () => {
  const payload = { bytes: new Uint8Array(0), contentType: "application/x-fixed; v=1" };
  assertEquals(codecsWith([fixed]).decode(payload), "decoded");
});

const NO_CODECS: [unknown, string][] = [
  [undefined, "{ contentType, encode, decode }"],
  [{ ...fixed, decode: undefined }, "{ contentType, encode, decode }"],
  [{ ...fixed, contentType: "Application/X" }, "lower case"],
  [{ ...fixed, contentType: "application/json" }, "application/json already"],
];
for (const [added, message] of NO_CODECS) {
  Deno.test(`${Deno.inspect(added, { compact: true, depth: 0 })} is refused as a codec`, () => {
    assertThrows(() => codecsWith([added]), TypeError, message);
  });
}

Deno.test("a codec that gives no bytes is refused", () => {
  const broken = { ...fixed, encode: () => "text" };
  assertThrows(() => codecsWith([broken]).encode(1, fixed.contentType), TypeError, "no Uint8Array");
});

const json = (source: string) =>
  codec.decode({ bytes: new TextEncoder().encode(source), contentType: "application/json" });

for (
  const source of [
    '{"id":9007199254740993}',
    "-12345678901234567890123",
    "9".repeat(1_000_000),
    "1e400",
    '{"a":-2E+999}',
  ]
) {
  Deno.test(`${source.slice(0, 40)} is refused: its last digits would be lost`, () => {
    assertThrows(() => json(source), TypeError, "which a number can't hold");
  });
}

for (
  const source of [
    "9007199254740991",
    "123456789012345680000",
    "1e21",
    "0.30000000000000004",
    '"9007199254740993"',
  ]
) {
  Deno.test(`${source} is read: it loses nothing`, () => {
    assertEquals(json(source), JSON.parse(source));
  });
}

for (
  const [kind, value] of [["a Uint8Array", new Uint8Array(1)], [
    "an ArrayBuffer",
    new ArrayBuffer(1),
  ]]
) {
  Deno.test(`what becomes of ${kind} after it was encoded changes nothing`, () => {
    const { bytes } = codec.encode(value);
    new Uint8Array(value instanceof Uint8Array ? value.buffer : value as ArrayBuffer)[0] = 1;
    assertEquals(bytes, Uint8Array.of(0));
  });
}
