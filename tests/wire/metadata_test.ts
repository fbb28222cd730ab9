// What metadata may be, on requests and on replies.
import { assertEquals, assertThrows } from "@std/assert";
import { metadataRules } from "../../src/wire/metadata.ts";

const { nameProblem, problem, add } = metadataRules;

for (const name of ["tenant", "X-Request-Id", "__proto__", "a".repeat(200)]) {
  Deno.test(`metadata may be called ${name.slice(0, 20)}`, () => {
    assertEquals(nameProblem(name), undefined);
  });
}

for (const name of ["", "a b", "ü", "a\n", "a".repeat(201)]) {
  Deno.test(`metadata may not be called ${JSON.stringify(name.slice(0, 20))}`, () => {
    assertEquals(nameProblem(name), "it is not 1 to 200 printable ASCII characters");
  });
}

for (const name of ["rpc-anything", "content-type", "traceparent", "tracestate"]) {
  Deno.test(`metadata may not be called ${name}, which is the protocol's`, () => {
    assertEquals(nameProblem(name), "the protocol uses that name itself");
  });
}

Deno.test("a reply may have any text as metadata", () => {
  assertEquals(problem(add(add(undefined, "tenant", "Grüße"), "__proto__", "")), undefined);
});

Deno.test("a second value under a name takes the place of the first", () => {
  assertEquals({ ...add(add(undefined, "a", "1"), "a", "2") }, { a: "2" });
});

for (
  const [name, value, reason] of [
    ["rpc-status", "ok", 'of the name "rpc-status": the protocol uses that name itself'],
    [undefined, 1, 'the value of "undefined" is no well-formed string'],
    ["a", "\ud800", 'the value of "a" is no well-formed string'],
    ["a", "x".repeat(16_384), "it has 16385 bytes, the limit is 16384"],
  ] as const
) {
  Deno.test(`a reply may not have it: ${reason}`, () => {
    assertThrows(() => add(undefined, name, value), TypeError, reason);
  });
}

for (const wrong of [null, "text", { a: 1 }]) {
  Deno.test(`${JSON.stringify(wrong)} is no metadata of a reply`, () => {
    assertEquals(typeof problem(wrong), "string");
  });
}
