// The deadline of a request on the clock of a server, whatever other clocks say.
import { assertEquals } from "@std/assert";
import { deadlineHere } from "../../src/server/deadline.ts";
import { useClock } from "../../src/async/clock.ts";
import { VirtualClock } from "../simulator/virtual_clock.ts";

/** The deadline in milliseconds from now; so are the arguments. */
function left(sent: number, deadline: number | undefined, byBroker = false): number {
  const virtual = new VirtualClock(1);
  using _used = useClock(virtual);
  const now = virtual.wallTime();
  const timestampType = byBroker ? "LogAppendTime" : "CreateTime";
  const request = deadline === undefined ? {} : { deadline: now + deadline };
  return deadlineHere({ timestamp: now + sent, timestampType }, request) - now;
}

Deno.test("a caller whose clock is ahead has no more time than it gave", () => {
  assertEquals(left(10_000, 15_000), 5_000);
});

Deno.test("a broker that stamps records with a clock that is ahead takes no time from callers", () => {
  assertEquals(left(10_000, 5_000, true), 5_000);
});

Deno.test("a request that waited has the rest of its time", () => {
  assertEquals(left(-10_000, 5_000), 5_000);
});

Deno.test("a request without a deadline is good for five minutes after it was sent", () => {
  assertEquals(left(-10_000, undefined), 290_000);
});
