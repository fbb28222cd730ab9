import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { PendingCalls } from "../../src/client/pending_calls.ts";
import { RpcError } from "../../src/wire/errors.ts";

const wait = { command: "add", timeoutMs: 60_000, overdue: () => new RangeError("overdue") };

Deno.test("a call settles with its reply", async () => {
  const calls = new PendingCalls<string>(10);
  const reply = calls.register("1", wait);
  calls.resolve("1", "three");
  assertEquals(await reply, "three");
});

Deno.test("resolve() is true where a call waited", () => {
  const calls = new PendingCalls<string>(10);
  void calls.register("1", wait);
  assertEquals(calls.resolve("1", "x"), true);
});

Deno.test("a second reply finds no call", () => {
  const calls = new PendingCalls<string>(10);
  void calls.register("1", wait);
  calls.resolve("1", "x");
  assertEquals(calls.resolve("1", "y"), false);
});

Deno.test("a reply with an unknown id finds no call", () => {
  assertEquals(new PendingCalls<string>(10).resolve("1", "x"), false);
});

Deno.test("the first of several replies is the result", async () => {
  const calls = new PendingCalls<string>(10);
  const reply = calls.register("1", wait);
  calls.resolve("1", "first");
  calls.resolve("1", "second");
  assertEquals(await reply, "first");
});

for (
  const [digest, taken] of [["asked", true], ["another", false], [undefined, true]] as const
) {
  Deno.test(`a reply to a request with the digest ${digest} is taken: ${taken}`, () => {
    const calls = new PendingCalls<string>(10);
    void calls.register("1", { ...wait, digest: "asked" });
    const resolved = calls.resolve("1", "reply", digest);
    calls.resolve("1", "the end of the test");
    assertEquals(resolved, taken);
  });
}

Deno.test("a call rejects with the error it is given", async () => {
  const calls = new PendingCalls<string>(10);
  const reply = calls.register("1", wait);
  const error = new TypeError("no");
  calls.reject("1", error);
  assertStrictEquals(await reply.catch((caught) => caught), error);
});

Deno.test("a call rejects with its overdue error when no reply comes", async () => {
  const calls = new PendingCalls<string>(10);
  const reply = () => calls.register("1", { ...wait, timeoutMs: 5 });
  await assertRejects(reply, RangeError, "overdue");
});

Deno.test("a reply after the deadline finds no call", async () => {
  const calls = new PendingCalls<string>(10);
  await assertRejects(() => calls.register("1", { ...wait, timeoutMs: 5 }), RangeError);
  assertEquals(calls.resolve("1", "late"), false);
});

Deno.test("a call rejects with the reason of its signal", async () => {
  const calls = new PendingCalls<string>(10);
  const controller = new AbortController();
  const reply = calls.register("1", { ...wait, caller: controller.signal });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => reply, TypeError, "stop");
});

Deno.test("a call whose signal has aborted already is refused with its reason", () => {
  const caller = AbortSignal.abort(new TypeError("stop"));
  const calls = new PendingCalls<string>(10);
  assertThrows(() => calls.register("1", { ...wait, caller }), TypeError, "stop");
});

Deno.test("one call over the limit is refused, with the limit in the text", () => {
  const calls = new PendingCalls<string>(1);
  void calls.register("1", wait);
  const error = assertThrows(() => calls.register("2", wait), RpcError, "the limit is 1");
  calls.resolve("1", "x");
  assertEquals(error.code, "resource_exhausted");
});

Deno.test("a settled call makes room for another", () => {
  const calls = new PendingCalls<string>(1);
  void calls.register("1", wait);
  calls.resolve("1", "x");
  void calls.register("2", wait);
  assertEquals(calls.resolve("2", "x"), true);
});

Deno.test("close() rejects each call with an error of its own", async () => {
  const calls = new PendingCalls<string>(10);
  const replies = Promise.allSettled([calls.register("1", wait), calls.register("2", wait)]);
  calls.close((id, { command }) => `${command} ${id}`);
  assertEquals(await replies, [
    { status: "rejected", reason: "add 1" },
    { status: "rejected", reason: "add 2" },
  ]);
});

Deno.test("close() refuses a call that comes later", () => {
  const calls = new PendingCalls<string>(10);
  calls.close((id) => new RangeError(`closed before ${id}`));
  assertThrows(() => calls.register("1", wait), RangeError, "closed before 1");
});

Deno.test("nothing is left of a call that has settled", () => {
  const calls = new PendingCalls<string>(10);
  // Its timer too: the sanitizer of this test would see it.
  void calls.register("1", wait);
  calls.resolve("1", "x");
  assertEquals(calls.size, 0);
});
