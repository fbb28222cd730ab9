import { assertEquals } from "@std/assert";
import { Seldom } from "../../src/transport/seldom.ts";
import { withClock } from "../clock.ts";

Deno.test("one line passes in a while, and tells how many did not", () => {
  const passed = withClock((clock) => {
    const seldom = new Seldom(1_000);
    return [0, 1, 999, 1_000, 1_001].map((now) => {
      clock.now = now;
      return seldom.pass()?.unreported;
    });
  });
  assertEquals(passed, [0, undefined, undefined, 2, undefined]);
});

Deno.test("after a reset the next line passes, and still tells how many did not", () => {
  const passed = withClock(() => {
    const seldom = new Seldom(1_000);
    seldom.pass();
    seldom.pass();
    seldom.reset();
    return seldom.pass()?.unreported;
  });
  assertEquals(passed, 1);
});
