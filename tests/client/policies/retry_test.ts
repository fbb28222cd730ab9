import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  isRetriable,
  retry,
  RetryBudget,
  retrySettings,
} from "../../../src/client/policies/retry.ts";
import type { OutgoingCall } from "../../../src/client/outgoing_call.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import type { Outcome } from "../../../src/wire/outcome.ts";
import { ManualClock } from "../../manual_clock.ts";
import { outcomeOf } from "../../pipeline/call_of.ts";
import { failureOf, outgoingCallOf } from "../outgoing_call_of.ts";

const settings = retrySettings({});
const OUTAGE = failureOf("unavailable");
const DONE = outcomeOf("done");

Deno.test("without options a call is made once", () => {
  assertEquals(retrySettings(undefined).attempts, 1);
});

Deno.test("an outage is retriable", () => {
  assert(isRetriable(new RpcError("unavailable", "x", { stage: "send" }), settings));
});

Deno.test("a wait that is over is not retriable, whatever its code", () => {
  const error = new RpcError("unavailable", "x", { stage: "wait" });
  assertEquals(isRetriable(error, settings), false);
});

Deno.test("an error of the command's own is not retriable", () => {
  assertEquals(isRetriable(new RpcError("invalid_argument", "x"), settings), false);
});

Deno.test("a budget is used up when nothing succeeds", () => {
  const budget = new RetryBudget(3);
  assertEquals([1, 2, 3, 4].map(() => budget.take()), [true, true, true, false]);
});

Deno.test("ten successes pay for one retry", () => {
  const budget = new RetryBudget(1);
  budget.take();
  for (let i = 0; i < 10; i++) budget.give();
  assertEquals(budget.take(), true);
});

/** A call whose attempts end like this; the last one again and again. */
function retried(outcomes: readonly Outcome[], closing = new AbortController().signal) {
  const attempts: OutgoingCall[] = [];
  const handler = retry(closing)((call) => {
    attempts.push(call);
    return Promise.resolve(outcomes[Math.min(attempts.length, outcomes.length) - 1]!);
  });
  return { handler, attempts };
}

Deno.test("a call without retries gets the promise of what stands behind", () => {
  const promise = Promise.resolve(DONE);
  assertStrictEquals(retry(new AbortController().signal)(() => promise)(outgoingCallOf()), promise);
});

Deno.test("each attempt has its number, and nothing else is new", async () => {
  using clock = new ManualClock();
  const { handler, attempts } = retried([OUTAGE, OUTAGE, DONE]);
  const call = outgoingCallOf({ retry: settings });
  const outcome = handler(call);
  await clock.advance(10_000);
  assertEquals(await outcome, DONE);
  assertEquals(attempts, [call, { ...call, attempt: 2 }, { ...call, attempt: 3 }]);
});

Deno.test("no attempt begins behind the deadline", async () => {
  using clock = new ManualClock();
  const { handler, attempts } = retried([OUTAGE]);
  const outcome = handler(outgoingCallOf({ retry: settings, deadline: clock.wallTime() + 50 }));
  await clock.advance(10_000);
  assertEquals([await outcome, attempts.length], [OUTAGE, 1]);
});

Deno.test("a caller that cancels ends the wait for the next attempt", async () => {
  using _ = new ManualClock();
  const { handler, attempts } = retried([OUTAGE]);
  const caller = new AbortController();
  const outcome = handler(outgoingCallOf({ retry: settings, caller: caller.signal }));
  await Promise.resolve();
  caller.abort();
  await outcome;
  assertEquals(attempts.length, 1);
});

Deno.test("calls of a client share a budget of ten retries", async () => {
  using clock = new ManualClock();
  const { handler, attempts } = retried([OUTAGE]);
  const calls = Array.from({ length: 20 }, () => handler(outgoingCallOf({ retry: settings })));
  await clock.advance(60_000);
  await Promise.all(calls);
  assertEquals(attempts.length, 30);
});
