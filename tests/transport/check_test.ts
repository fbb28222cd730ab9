import { assertEquals, assertThrows } from "@std/assert";
import { checkTopic, checkWhole } from "../../src/transport/check.ts";
import { RpcError } from "../../src/wire/errors.ts";

for (const value of [1, 30_000, 2_147_483_647]) {
  Deno.test(`${value} is a whole number in range`, () => {
    assertEquals(checkWhole("n", value), value);
  });
}

for (const value of [0, -1, 1.5, NaN, Infinity, 2_147_483_648, "5" as unknown as number]) {
  Deno.test(`${Deno.inspect(value)} is refused, with the range in the text`, () => {
    assertThrows(() => checkWhole("n", value), RpcError, "a whole number from 1 to 2147483647");
  });
}

Deno.test("a number in quotes is shown in quotes", () => {
  const text = "5" as unknown as number;
  assertThrows(() => checkWhole("n", text), RpcError, 'Cannot use n = "5": it must be');
});

Deno.test("the range may end earlier", () => {
  assertThrows(() => checkWhole("n", 11, 10), RpcError, "from 1 to 10");
});

for (const name of ["commands", "a.b_c-D9", "x".repeat(249)]) {
  Deno.test(`${name.slice(0, 20)} is a topic name`, () => {
    assertEquals(checkTopic("topic", name), name);
  });
}

for (const name of ["", ".", "..", "a b", "ü", "a/b", "x".repeat(250)]) {
  Deno.test(`${JSON.stringify(name.slice(0, 20))} is no topic name`, () => {
    assertThrows(() => checkTopic("topic", name), RpcError, "Cannot use topic = ");
  });
}
