import { assertEquals, assertStrictEquals } from "@std/assert";
import { printable, printableLine, printableValue } from "../../src/logging/printable.ts";

const CASES: [what: string, text: string, shown: string][] = [
  ["letters of any script", "Grüße, 日本語, שלום", "Grüße, 日本語, שלום"],
  ["an escape", "\x1b[31m", String.raw`\u001b[31m`],
  ["a C1 control", "\x9b31m", String.raw`\u009b31m`],
  ["a bell and a delete", "\x07\x7f", String.raw`\u0007\u007f`],
  ["bidirectional overrides", "\u202e\u2066\u061c", String.raw`\u202e\u2066\u061c`],
  ["invisible characters", "\u200b\ufeff", String.raw`\u200b\ufeff`],
  ["separators of lines", "\u2028\u2029", String.raw`\u2028\u2029`],
  ["tags beyond the first plane", "\u{e0041}", String.raw`\udb40\udc41`],
  ["a carriage return", "a\rb", String.raw`a\u000db`],
  ["a newline and a tab", "a\n\tb", "a\n\tb"],
];
for (const [what, text, shown] of CASES) {
  Deno.test(`${what}: ${JSON.stringify(shown)}`, () => assertEquals(printable(text), shown));
}

Deno.test("a line has no newline and no tab", () => {
  assertEquals(printableLine("a\n\tb"), String.raw`a\n\tb`);
});

Deno.test("a value without anything to escape is the same value", () => {
  const fields = { a: "x", b: [1, "y"], c: new Error("z"), d: { e: 10n } };
  assertStrictEquals(printableValue(fields), fields);
});

Deno.test("texts inside of arrays and objects are escaped, keys too", () => {
  assertEquals(printableValue({ "a\x9b": [{ b: "\x9b" }, 1] }), {
    "a\\u009b": [{ b: "\\u009b" }, 1],
  });
});

Deno.test("an error keeps its name, and its texts are escaped", () => {
  const error = new TypeError("a\x9b", { cause: new Error("\u202e") });
  const copy = printableValue(error) as Error;
  const stackIsClean = !copy.stack?.includes("\x9b");
  assertEquals(
    [copy.name, copy.message, (copy.cause as Error).message, stackIsClean],
    ["TypeError", "a\\u009b", "\\u202e", true],
  );
});
