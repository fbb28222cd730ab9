import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  correlationId,
  HEADER,
  MalformedRecord,
  MAX_ID_BYTES,
  numberHeader,
  quote,
  textHeader,
} from "../../src/wire/headers.ts";
import { textOf, utf8 } from "../../src/wire/utf8.ts";
import { NOT_UTF8, recordOf } from "./record_of.ts";

/** Why a record cannot be used, as a reader of it says. */
function reasonOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof MalformedRecord) return error.message;
    throw error;
  }
  throw new Error("The record can be used.");
}

Deno.test("text survives UTF-8", () => {
  assertEquals(textOf(utf8("Grüße, 世界 🎉")), "Grüße, 世界 🎉");
});

Deno.test("a byte order mark is text like any other", () => {
  assertEquals(textOf(utf8("\ufeffx")), "\ufeffx");
});

Deno.test("bytes that are not UTF-8 are no text", () => {
  assertEquals(textOf(NOT_UTF8), undefined);
});

Deno.test("a header that is not there reads as undefined", () => {
  assertEquals(textHeader(recordOf({}), "x"), undefined);
});

Deno.test("an empty header reads as empty text", () => {
  assertEquals(textHeader(recordOf({ headers: { x: "" } }), "x"), "");
});

Deno.test("a header that is not UTF-8 is malformed, by name", () => {
  const record = recordOf({ headers: { x: NOT_UTF8 } });
  assertStringIncludes(reasonOf(() => textHeader(record, "x")), "header x is not UTF-8");
});

for (const [text, number] of [["0", 0], ["1", 1], ["9007199254740991", 2 ** 53 - 1]] as const) {
  Deno.test(`the header ${text} is a number`, () => {
    assertEquals(numberHeader(recordOf({ headers: { n: text } }), "n"), number);
  });
}

const NO_NUMBERS = ["", " ", "-1", "+1", "1.5", "1e3", "0x10", "NaN", "9007199254740992", "٣"];
for (const text of NO_NUMBERS) {
  Deno.test(`the header ${JSON.stringify(text)} is no number`, () => {
    const record = recordOf({ headers: { n: text } });
    assertStringIncludes(reasonOf(() => numberHeader(record, "n")), "not a whole decimal number");
  });
}

Deno.test("the id is the key", () => {
  assertEquals(correlationId(recordOf({ key: "id1" })), "id1");
});

Deno.test("the header rpc-id goes before the key", () => {
  assertEquals(correlationId(recordOf({ key: "k", headers: { [HEADER.id]: "id2" } })), "id2");
});

Deno.test("no key and no header mean no id", () => {
  assertEquals(correlationId(recordOf({})), undefined);
});

Deno.test("an empty id is malformed", () => {
  assertStringIncludes(reasonOf(() => correlationId(recordOf({ key: "" }))), "is empty");
});

Deno.test("an id that is not UTF-8 is malformed", () => {
  assertStringIncludes(reasonOf(() => correlationId(recordOf({ key: NOT_UTF8 }))), "not UTF-8");
});

Deno.test("the longest id is accepted", () => {
  const id = "x".repeat(MAX_ID_BYTES);
  assertEquals(correlationId(recordOf({ key: id })), id);
});

Deno.test("a longer id is malformed, with its size", () => {
  const record = recordOf({ key: "x".repeat(MAX_ID_BYTES + 1) });
  assertStringIncludes(reasonOf(() => correlationId(record)), "256 bytes, over 255");
});

Deno.test("quote() cuts long text, so that a log line has an end", () => {
  assertEquals(quote("x".repeat(5_000)).length, 123);
});
