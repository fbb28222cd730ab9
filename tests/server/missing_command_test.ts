import { assertEquals, assertStringIncludes } from "@std/assert";
import { explainMissing } from "../../src/server/missing_command.ts";

function failure(command: string, known: string[]) {
  const outcome = explainMissing(command, known);
  if (outcome.ok) throw new Error("a missing command is no success");
  return outcome.failure;
}

Deno.test("a missing command is not_found", () => {
  assertEquals(failure("x", ["add"]).code, "not_found");
});

Deno.test("near misses are suggested", () => {
  assertStringIncludes(failure("ad", ["add", "and"]).message, 'Did you mean "add" or "and"?');
});

Deno.test("near misses are in the details, for programs", () => {
  assertEquals(failure("ad", ["add"]).details, { suggestions: ["add"] });
});

Deno.test("without near misses the commands are listed", () => {
  assertStringIncludes(failure("xyz", ["add", "mean"]).message, "offers: add, mean.");
});

Deno.test("no more than twenty commands are listed", () => {
  const many = Array.from({ length: 30 }, (_, i) => `command${i}`);
  assertStringIncludes(failure("xyz", many).message, "command19, ….");
});

Deno.test("a missing eval says how to turn it on", () => {
  assertStringIncludes(failure("eval", ["add"]).message, "`evaluate: true`");
});

Deno.test("a long name is cut in the text", () => {
  assertEquals(failure("x".repeat(10_000), ["add"]).message.length < 300, true);
});
