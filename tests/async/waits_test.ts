import { assertEquals, assertGreaterOrEqual, assertLessOrEqual, assertRejects } from "@std/assert";
import { settleWithin, withDeadline } from "../../src/async/deadline.ts";
import { backoff, delay } from "../../src/async/delay.ts";

const never = new Promise<never>(() => {});
const late = () => new RangeError("too late");

Deno.test("withDeadline() gives what the work gives", async () => {
  assertEquals(await withDeadline(Promise.resolve(1), { timeoutMs: 1_000 }, late), 1);
});

Deno.test("withDeadline() rejects as the work rejects", async () => {
  const work = Promise.reject(new TypeError("work"));
  await assertRejects(() => withDeadline(work, {}, late), TypeError, "work");
});

Deno.test("withDeadline() rejects with the error of its timeout", async () => {
  await assertRejects(() => withDeadline(never, { timeoutMs: 5 }, late), RangeError, "too late");
});

Deno.test("withDeadline() rejects with the reason of a signal", async () => {
  const controller = new AbortController();
  const waiting = withDeadline(never, { signal: controller.signal }, late);
  controller.abort(new TypeError("stop"));
  await assertRejects(() => waiting, TypeError, "stop");
});

Deno.test("withDeadline() rejects at once where the signal has aborted", async () => {
  const signal = AbortSignal.abort(new TypeError("stop"));
  await assertRejects(() => withDeadline(never, { signal }, late), TypeError, "stop");
});

Deno.test("withDeadline() waits without end for a timeout of Infinity", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const waiting = withDeadline(promise, { timeoutMs: Infinity }, late);
  resolve("done");
  assertEquals(await waiting, "done");
});

Deno.test("withDeadline() does not report work that fails after its end", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  await assertRejects(() => withDeadline(promise, { timeoutMs: 5 }, late), RangeError);
  // Unhandled, it would fail this test.
  reject(new Error("unseen"));
});

Deno.test("delay() ends by itself", async () => {
  assertEquals(await delay(1, {}), undefined);
});

Deno.test("delay() ends when its signal aborts", async () => {
  const controller = new AbortController();
  const waiting = delay(1_000_000, { signal: controller.signal });
  controller.abort();
  assertEquals(await waiting, undefined);
});

Deno.test("delay() does not begin where its signal has aborted", async () => {
  assertEquals(await delay(1_000_000, { signal: AbortSignal.abort() }), undefined);
});

Deno.test("backoff() begins with half to all of its first delay", () => {
  const first = backoff({ firstMs: 100, maxMs: 1_000 })();
  assertGreaterOrEqual(first, 50);
  assertLessOrEqual(first, 100);
});

Deno.test("backoff() doubles", () => {
  const next = backoff({ firstMs: 100, maxMs: 100_000 });
  next();
  assertGreaterOrEqual(next(), 100);
});

Deno.test("backoff() caps its first delay too", () => {
  assertLessOrEqual(backoff({ firstMs: 5_000, maxMs: 300 })(), 300);
});

Deno.test("backoff() never goes over its longest delay", () => {
  const next = backoff({ firstMs: 100, maxMs: 300 });
  const delays = Array.from({ length: 50 }, next);
  assertLessOrEqual(Math.max(...delays), 300);
});

Deno.test("settleWithin() gives what the work gives", async () => {
  assertEquals(await settleWithin(Promise.resolve(1), 60_000), 1);
});

Deno.test("settleWithin() gives undefined when the work takes longer", async () => {
  assertEquals(await settleWithin(new Promise<number>(() => {}), 1), undefined);
});

Deno.test("settleWithin() rejects with what the work rejects with, and leaves no timer", async () => {
  await assertRejects(
    () => settleWithin(Promise.reject(new RangeError("no")), 60_000),
    RangeError,
    "no",
  );
});
