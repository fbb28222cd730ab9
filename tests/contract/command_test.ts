// A command with a contract, called like any function.
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { z } from "zod";
import { command, contract, isErrorOf } from "../../src/contract/command.ts";
import { RpcError } from "../../src/wire/errors.ts";
import * as math from "./fixtures/math.ts";

/** What a call with a wrong input is rejected with. */
const refused = (run: () => Promise<unknown>) => assertRejects(run, RpcError);

Deno.test("a command gets what the schema of its input makes of it", async () => {
  assertEquals(await math.divide({ a: "6", b: 2 }), 3);
});

for (
  const [library, run, path] of [
    ["zod", () => math.divide({ a: 1, b: "2" as never }), ["b"]],
    ["valibot", () => math.repeat({ text: "a", times: 4 }), ["times"]],
    ["arktype", () => math.greet({ name: "" }), ["name"]],
  ] as const
) {
  Deno.test(`an input that ${library} refuses is invalid_argument with the path`, async () => {
    const { code, details } = await refused(run);
    const { issues: [issue] } = details as { issues: [{ message: string; path: unknown }] };
    assertEquals([code, issue.path, typeof issue.message], ["invalid_argument", path, "string"]);
  });
}

Deno.test("the text of a refusal names what is wrong and where", async () => {
  const { message } = await refused(() => math.divide({ a: 1, b: "2" as never }));
  assertStringIncludes(
    message,
    'Cannot run "command": the input is not what its schema says: `b`:',
  );
});

Deno.test("a schema may take a moment", async () => {
  assertEquals(await math.later("2026-11-27"), "2026-11-27");
  assertEquals((await refused(() => math.later("today"))).code, "invalid_argument");
});

Deno.test("a result that its schema refuses is internal, and its text shows nothing of it", async () => {
  const { code, message, stack } = await refused(() => math.broken());
  assertEquals([code, message.includes("secret")], ["internal", false]);
  assertStringIncludes(stack!, "`secret[1]`");
});

Deno.test("details that the schema of their code refuses are internal", async () => {
  assertEquals((await refused(() => math.mistaken())).code, "internal");
});

Deno.test("isErrorOf tells the errors of a contract, with their details", async () => {
  const error: unknown = await refused(() => math.divide({ a: 1, b: 0 }));
  if (!isErrorOf(math.divide, error)) throw new Error("not told");
  assertEquals(error.details.divisor satisfies number, 0);
});

Deno.test("isErrorOf refuses an error that the contract does not name", () => {
  assertEquals(isErrorOf(math.divide, new RpcError("not_found", "Cannot find it.")), false);
});

Deno.test("a command has the name of its function, and calls it with its own `this`", async () => {
  const add = function add(this: unknown): unknown {
    return this;
  };
  const described = command({}, add);
  const table = { described };
  assertEquals([described.name, await table.described() === table], ["add", true]);
});

for (
  const [wrong, text] of [
    [{ inptu: z.string() }, "it has no `inptu`. Did you mean `input`?"],
    [{ input: {} }, "`input` is no Standard Schema."],
    [{ errors: { oops: z.string() } }, '`errors` has "oops"'],
    [{ errors: { internal: z.string() } }, '`errors` has "internal"'],
    [{ summary: 5 }, "`summary` is no text."],
    [null, "it is no object."],
  ] as const
) {
  Deno.test(`a contract that can't be right is refused: ${text}`, () => {
    const make = () => command(wrong as never, () => 1);
    assertStringIncludes(assertThrows(make, RpcError).message, text);
  });
}

Deno.test("contract() names the command whose contract can't be right", () => {
  const make = () => contract({ add: { input: 5 as never } });
  assertStringIncludes(assertThrows(make, RpcError).message, 'Cannot use the contract of "add"');
});

Deno.test("a contract is frozen", () => {
  const made = contract({ add: { summary: "Adds." } });
  assertEquals([Object.isFrozen(made), Object.isFrozen(made.add)], [true, true]);
});

Deno.test("a generator with a contract yields what the schema makes of each value", async () => {
  assertEquals(await Array.fromAsync(math.count({ to: 3 })), [1, 2, 3]);
});

Deno.test("a generator with a contract refuses its input at the first value", async () => {
  const values = math.count({ to: "3" as never });
  assertEquals((await refused(() => values.next())).code, "invalid_argument");
});

Deno.test("a value that its schema refuses ends the stream with `internal`", async () => {
  const seen: number[] = [];
  const error = await refused(async () => {
    for await (const n of math.count({ to: 5 })) seen.push(n);
  });
  assertEquals([error.code, seen], ["internal", [1, 2, 3]]);
});

Deno.test("a generator with a contract is ended where its loop is left", async () => {
  let ended = false;
  const endless = command({ output: z.number() }, async function* () {
    try {
      while (true) yield await Promise.resolve(1);
    } finally {
      ended = true;
    }
  });
  for await (const _ of endless()) break;
  assertEquals(ended, true);
});

for (
  const [what, described, handler, text] of [
    ["a function for a stream", { stream: true }, () => 1, "is no async function*"],
    ["a generator for one result", contract({ a: {} }).a, async function* () {}, "stream: true"],
    ["no boolean", { stream: 1 as never }, () => 1, "`stream` is neither true nor false"],
  ] as const
) {
  Deno.test(`a contract of another kind of command is refused: ${what}`, () => {
    const make = () => command(described, handler as never);
    assertStringIncludes(assertThrows(make, RpcError).message, text);
  });
}
