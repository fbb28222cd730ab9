import { assertEquals, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { command, contract } from "../../src/contract/command.ts";
import { jsonSchemas } from "../../src/contract/json_schemas.ts";
import * as math from "./fixtures/math.ts";

const { commands, warnings } = jsonSchemas(math);

for (const [library, name] of [["zod", "divide"], ["arktype", "greet"]] as const) {
  Deno.test(`a schema of ${library} has a JSON Schema`, () => {
    assertEquals(commands[name]?.input?.["type"], "object");
  });
}

Deno.test("a schema of a library that has none is left out, with a warning that names the wrapper", () => {
  assertEquals(commands["repeat"]?.input, undefined);
  assertStringIncludes(warnings[0]!, "toStandardJsonSchema() of npm:@valibot/to-json-schema");
});

Deno.test("the details of errors have JSON Schemas by their code", () => {
  assertEquals(Object.keys(commands["divide"]!.errors!), ["out_of_range"]);
});

Deno.test("a function without a contract is left out", () => {
  assertEquals("plain" in commands, false);
});

Deno.test("callers are shown what they give and what they get", () => {
  const { commands: { length } } = jsonSchemas({
    length: command(
      { input: z.string().transform((text) => text.length), output: z.number() },
      (n) => n,
    ),
  });
  assertEquals([length?.input?.["type"], length?.output?.["type"]], ["string", "number"]);
});

Deno.test("what JSON can't describe is left out, with the reason", () => {
  const { commands, warnings } = jsonSchemas(contract({ now: { output: z.date() } }));
  assertEquals([commands["now"]?.output, warnings.length], [undefined, 1]);
  assertStringIncludes(warnings[0]!, 'The result of "now" has no JSON Schema: ');
});
