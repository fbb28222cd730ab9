// What schemas say is wrong, read without trust.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { issuesText, pathText, readIssues } from "../../src/contract/issues.ts";

Deno.test("a path is written as in code", () => {
  assertEquals(pathText(["a", "b", 1, "c d", "e"]), 'a.b[1]["c d"].e');
});

Deno.test("keys in a path may be objects that hold the key", () => {
  assertEquals(readIssues([{ message: "m", path: [{ key: "a" }, 0] }])[0]?.path, ["a", 0]);
});

Deno.test("of many issues the first ones are kept", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({ message: `${index}` }));
  assertEquals(readIssues(many).length, 20);
});

Deno.test("issues with long texts stay within what an error has room for", () => {
  const long = { message: "é".repeat(100_000), path: Array(1_000).fill("é".repeat(1_000)) };
  const read = readIssues(Array(1_000).fill(long));
  assert(new TextEncoder().encode(JSON.stringify(read)).length < 16_384);
});

Deno.test("a list of issues that is none is refused", () => {
  assertThrows(() => readIssues("wrong"), TypeError, "no list");
});

Deno.test("issues without texts or paths still say that the value is wrong", () => {
  assertEquals(readIssues([{}, null, 5])[0], { message: "not valid", path: [] });
});

Deno.test("a sentence has the first three issues and counts the others", () => {
  const issues = ["a", "b", "c", "d"].map((key) => ({ message: "wrong.", path: [key] }));
  assertEquals(issuesText(issues), "`a`: wrong; `b`: wrong; `c`: wrong; and 1 more");
});
