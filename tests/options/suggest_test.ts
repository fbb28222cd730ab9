import { assertEquals } from "@std/assert";
import { suggest } from "../../src/options/suggest.ts";

const KNOWN = ["add", "subtract", "multiply", "mean"];

const CASES: [string, string[]][] = [
  ["ad", ["add"]],
  ["dad", ["add"]],
  ["addd", ["add"]],
  ["ADD", ["add"]],
  ["substract", ["subtract"]],
  ["multpily", ["multiply"]],
  ["maen", ["mean"]],
  ["multi", ["multiply"]],
  ["subtractAll", ["subtract"]],
  ["su", []],
  ["elephant", []],
  ["", []],
];
for (const [name, near] of CASES) {
  Deno.test(`"${name}" suggests ${JSON.stringify(near)}`, () => {
    assertEquals(suggest(name, KNOWN), near);
  });
}

Deno.test("the nearest name comes first", () => {
  assertEquals(suggest("users", ["user", "users_", "uses"])[0], "user");
});

Deno.test("at most three names are suggested", () => {
  assertEquals(suggest("aaaa", ["aaab", "aaac", "aaad", "aaae"]).length, 3);
});

Deno.test("a name over 64 characters suggests nothing: it would cost its square", () => {
  assertEquals(suggest("x".repeat(65), ["x".repeat(64)]), []);
});
