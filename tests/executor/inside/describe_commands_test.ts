// What the contracts of commands say for others.
import { assertEquals, assertMatch } from "@std/assert";
import { z } from "zod";
import { command, contract as contractOf } from "../../../src/contract/command.ts";
import { CONTRACT } from "../../../src/contract/contract.ts";
import { jsonSchemaOf } from "../../../src/contract/json_schema_of.ts";
import type { AnySchema } from "../../../src/contract/standard_schema.ts";
import { createDescribeCommands } from "../../../src/executor/inside/describe_commands.ts";
import type { CommandDescription } from "../../../src/wire/discovery.ts";

function describe(
  commands: Readonly<Record<string, unknown>>,
): Readonly<Record<string, CommandDescription>> {
  const describeCommands = createDescribeCommands(jsonSchemaOf, CONTRACT);
  return Object.fromEntries(describeCommands(Object.keys(commands), commands));
}

/** A schema that gives this for a JSON Schema. */
const giving = (given: unknown): AnySchema => ({
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value: unknown) => ({ value }),
    jsonSchema: {
      input: () => given as Record<string, unknown>,
      output: () => given as Record<string, unknown>,
    },
  },
});

Deno.test("a command is described by its summary and the JSON Schemas of its contract", () => {
  const divide = command(
    {
      input: z.object({ a: z.number() }),
      output: z.number(),
      errors: { out_of_range: z.string() },
      summary: "Divides.",
    },
    ({ a }) => a,
  );
  const { input, ...rest } = describe({ divide })["divide"]!;
  assertEquals([input?.["type"], input?.["required"]], ["object", ["a"]]);
  assertEquals(rest, {
    kind: "call",
    summary: "Divides.",
    output: { type: "number" },
    errors: { out_of_range: { type: "string" } },
    omitted: undefined,
  });
});

Deno.test("a plain function has no description", () => {
  assertEquals(describe({ add: (n: number) => n + 1 }), {});
});

Deno.test("a generator is a stream, with a contract and without", () => {
  async function* count(n: number) {
    yield await Promise.resolve(n);
  }
  const described = command({ input: z.number() }, count);
  const kinds = Object.values(describe({ count, described })).map(({ kind }) => kind);
  assertEquals(kinds, ["stream", "stream"]);
});

Deno.test("a schema without a JSON Schema is left out, with the reason", () => {
  const { "~standard": { jsonSchema: _, ...standard } } = giving({});
  const bare = { "~standard": { ...standard, vendor: "valibot" } };
  const { input, omitted } = describe({ f: command({ input: bare }, () => 1) })["f"]!;
  assertEquals(input, undefined);
  assertMatch(omitted!, /^The input has no JSON Schema: its library, valibot, gives none/);
});

for (
  const [what, given, reason] of [
    ["is too large", { description: "x".repeat(17_000) }, /^Its schemas have \d+ characters/],
    ["holds what is no JSON", { const: 1n }, /^Its schemas can't be written as JSON/],
  ] as const
) {
  Deno.test(`a schema that ${what} is left out, with the reason`, () => {
    const { input, omitted } = describe({ f: command({ input: giving(given) }, () => 1) })["f"]!;
    assertEquals(input, undefined);
    assertMatch(omitted!, reason);
  });
}

Deno.test("schemas of all commands together are bounded: those that come last are left out", () => {
  const input = giving({ description: "x".repeat(16_000) });
  const all = Object.fromEntries(
    Array.from({ length: 6 }, (_, n) => [`f${n}`, command({ input }, () => 1)]),
  );
  const left = Object.values(describe(all)).map(({ omitted }) => omitted === undefined);
  assertEquals(left, [true, true, true, true, false, false]);
});

Deno.test("a contract without functions says itself that it is a stream", () => {
  const { tail } = contractOf({ tail: { stream: true } });
  const run = Object.assign(() => 1, { [CONTRACT]: tail });
  assertEquals(describe({ run })["run"]!.kind, "stream");
});
