import { assertEquals } from "@std/assert";
import type { Interceptor } from "../../src/pipeline/call.ts";
import { compose } from "../../src/pipeline/compose.ts";
import { callOf, outcomeOf } from "./call_of.ts";

Deno.test("compose() puts the first interceptor outermost", async () => {
  const seen: string[] = [];
  const named = (name: string): Interceptor => (next) => async (call) => {
    seen.push(`${name} in`);
    const outcome = await next(call);
    seen.push(`${name} out`);
    return outcome;
  };
  const handler = compose(() => Promise.resolve(outcomeOf("done")), [named("a"), named("b")]);
  await handler(callOf());
  assertEquals(seen, ["a in", "b in", "b out", "a out"]);
});

Deno.test("compose() without interceptors gives the handler itself", () => {
  const handler = () => Promise.resolve(outcomeOf("done"));
  assertEquals(compose(handler, []), handler);
});
