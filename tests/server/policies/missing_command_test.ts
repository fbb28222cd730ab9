import { assertEquals, assertStringIncludes } from "@std/assert";
import { missingCommand } from "../../../src/server/policies/missing_command.ts";
import { endOf, incomingCallOf } from "./incoming_call_of.ts";

async function failure(command: string, known: string[]) {
  const handle = missingCommand(known)(endOf().handler);
  const outcome = await handle(incomingCallOf({ command }));
  if (outcome.ok) throw new Error("a missing command is no success");
  return outcome.failure;
}

Deno.test("a missing command is not_found", async () => {
  assertEquals((await failure("x", ["add"])).code, "not_found");
});

Deno.test("near misses are suggested", async () => {
  assertStringIncludes(
    (await failure("ad", ["add", "and"])).message,
    'Did you mean "add" or "and"?',
  );
});

Deno.test("near misses are in the details, for programs", async () => {
  assertEquals((await failure("ad", ["add"])).details, { suggestions: ["add"] });
});

Deno.test("without near misses the commands are listed", async () => {
  assertStringIncludes((await failure("xyz", ["add", "mean"])).message, "offers: add, mean.");
});

Deno.test("no more than twenty commands are listed", async () => {
  const many = Array.from({ length: 30 }, (_, i) => `command${i}`);
  assertStringIncludes((await failure("xyz", many)).message, "command19, ….");
});

Deno.test("a missing eval says how to turn it on", async () => {
  assertStringIncludes((await failure("eval", ["add"])).message, "`evaluate: true`");
});

Deno.test("a long name is cut in the text", async () => {
  assertEquals((await failure("x".repeat(10_000), ["add"])).message.length < 300, true);
});

Deno.test("a command that is there goes on", async () => {
  const { seen, handler } = endOf();
  await missingCommand(["add"])(handler)(incomingCallOf());
  assertEquals(seen.length, 1);
});
