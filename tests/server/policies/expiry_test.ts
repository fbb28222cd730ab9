import { assertEquals } from "@std/assert";
import { silentLogger } from "../../../src/logging/logger.ts";
import { noCounts } from "../../../src/server/counts.ts";
import { expiry } from "../../../src/server/policies/expiry.ts";
import { codeOf, endOf, incomingCallOf, throttled } from "./incoming_call_of.ts";

/** A call whose deadline is so far from now. */
async function withDeadlineIn(milliseconds: number) {
  const counts = noCounts();
  const { logger, throttle: late } = throttled();
  const { seen, handler } = endOf();
  const call = incomingCallOf({ deadline: Date.now() + milliseconds });
  const outcome = await expiry({ counts, logger: silentLogger, late })(handler)(call);
  return {
    code: codeOf(outcome),
    started: seen.length,
    counts,
    lines: logger.messages("warn"),
    call,
  };
}

Deno.test("a call in time goes on", async () => {
  const { code, started } = await withDeadlineIn(600_000);
  assertEquals([code, started], ["ok", 1]);
});

Deno.test("an expired call does not go on, and is counted as expired alone", async () => {
  const { code, started, counts, call } = await withDeadlineIn(-5);
  assertEquals([code, started, counts.expired, call.ending.counted], [
    "deadline_exceeded",
    0,
    1,
    true,
  ]);
});

Deno.test("a call that has just expired is answered", async () => {
  assertEquals((await withDeadlineIn(-5)).call.ending.fate, "answered");
});

Deno.test("a call that expired long ago is logged, not answered", async () => {
  const { call, lines } = await withDeadlineIn(-120_000);
  assertEquals([call.ending.fate, lines.length], ["unanswered", 1]);
});
