import { assertEquals, assertThrows } from "@std/assert";
import { checkDistinct, topicName } from "../../src/options/topics.ts";
import { RpcError } from "../../src/wire/errors.ts";

for (const name of ["commands", "a.b_c-D9", "x".repeat(249)]) {
  Deno.test(`${name.slice(0, 20)} is a topic name`, () => {
    assertEquals(topicName(name, "topic"), name);
  });
}

for (const name of ["", ".", "..", "a b", "ü", "a/b", "x".repeat(250), 5, null, ["a"]]) {
  Deno.test(`${Deno.inspect(name).slice(0, 20)} is no topic name`, () => {
    assertThrows(() => topicName(name, "topic"), RpcError, "Cannot use the option `topic`: it is ");
  });
}

Deno.test("two topics of one name are refused, with both options", () => {
  const topics = [["`topic`", "x"], ["`resultsTopic`", "x"]] as const;
  assertThrows(() => checkDistinct(topics), RpcError, '"x" as `topic` and as `resultsTopic`');
});

Deno.test("topics that are not used are no clash", () => {
  assertEquals(checkDistinct([["`topic`", undefined], ["`resultsTopic`", undefined]]), undefined);
});
