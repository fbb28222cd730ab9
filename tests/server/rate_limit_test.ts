// How often something may be done.
import { assertEquals } from "@std/assert";
import { RateLimit } from "../../src/server/rate_limit.ts";
import { ManualClock } from "../manual_clock.ts";

Deno.test("a burst is allowed, then so many a second", () => {
  using clock = new ManualClock();
  const limit = new RateLimit({ burst: 2, perSecond: 4 });
  const taken = () => [limit.take(), limit.take(), limit.take()];
  const first = taken();
  clock.jump(250);
  assertEquals([first, taken()], [[true, true, false], [true, false, false]]);
});

Deno.test("a pause is worth no more than a burst", () => {
  using clock = new ManualClock();
  const limit = new RateLimit({ burst: 2, perSecond: 4 });
  clock.jump(60_000);
  assertEquals([limit.take(), limit.take(), limit.take()], [true, true, false]);
});
