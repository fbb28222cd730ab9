import { assertEquals } from "@std/assert";
import plugin from "../../tools/lint/one_clock.ts";

const found = (code: string, file = "/x/src/server/a.ts") =>
  Deno.lint.runPlugin(plugin, file, code).map(({ message }) => message);

for (
  const code of [
    "Date.now()",
    "performance.now()",
    "Math.random()",
    "crypto.randomUUID()",
    "AbortSignal.timeout(1)",
    "setTimeout(f, 1)",
    "setInterval(f, 1)",
  ]
) {
  Deno.test(`the lint rule finds ${code} in the server`, () => {
    assertEquals(found(code), [`${code.slice(0, code.indexOf("("))} is not the simulation's.`]);
  });
}

Deno.test("the lint rule finds a clock that is handed over", () => {
  assertEquals(found("const now = Date.now;").length, 1);
});

Deno.test("the lint rule allows src/async its own clock", () => {
  assertEquals(found("Date.now()", "/x/src/async/clock.ts"), []);
});

Deno.test("the lint rule allows a method that has the name of a timer", () => {
  assertEquals(found("clock.setTimeout(f, 1)"), []);
});
