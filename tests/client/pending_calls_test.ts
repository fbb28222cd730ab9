import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { PendingCalls, WaitingCall } from "../../src/client/pending_calls.ts";
import { RpcError } from "../../src/wire/errors.ts";

interface Wait {
  readonly timeoutMs?: number;
  readonly digest?: string;
  readonly caller?: AbortSignal;
}

/** A call whose end is a promise. */
class Waiting extends WaitingCall<string> {
  readonly command = "add";
  readonly timeoutMs: number;
  readonly digest: string | undefined;
  readonly caller: AbortSignal | undefined;
  readonly reply = Promise.withResolvers<string>();
  readonly take = this.reply.resolve;
  readonly fail = this.reply.reject;
  readonly onOver: () => void;

  constructor({ timeoutMs = 60_000, digest, caller }: Wait, onOver: () => void) {
    super();
    this.timeoutMs = timeoutMs;
    this.digest = digest;
    this.caller = caller;
    this.onOver = onOver;
  }
}

function register(calls: PendingCalls<string>, id: string, wait: Wait = {}): Promise<string> {
  const waiting = new Waiting(wait, () => calls.reject(id, new RangeError("overdue")));
  calls.register(id, waiting);
  return waiting.reply.promise;
}

Deno.test("a call settles with its reply", async () => {
  const calls = new PendingCalls<string>(10);
  const reply = register(calls, "1");
  calls.resolve("1", "three");
  assertEquals(await reply, "three");
});

Deno.test("resolve() is true where a call waited", () => {
  const calls = new PendingCalls<string>(10);
  void register(calls, "1");
  assertEquals(calls.resolve("1", "x"), true);
});

Deno.test("a second reply finds no call", () => {
  const calls = new PendingCalls<string>(10);
  void register(calls, "1");
  calls.resolve("1", "x");
  assertEquals(calls.resolve("1", "y"), false);
});

Deno.test("a reply with an unknown id finds no call", () => {
  assertEquals(new PendingCalls<string>(10).resolve("1", "x"), false);
});

Deno.test("the first of several replies is the result", async () => {
  const calls = new PendingCalls<string>(10);
  const reply = register(calls, "1");
  calls.resolve("1", "first");
  calls.resolve("1", "second");
  assertEquals(await reply, "first");
});

for (
  const [digest, taken] of [["asked", true], ["another", false], [undefined, true]] as const
) {
  Deno.test(`a reply to a request with the digest ${digest} is taken: ${taken}`, () => {
    const calls = new PendingCalls<string>(10);
    void register(calls, "1", { digest: "asked" });
    const resolved = calls.resolve("1", "reply", digest);
    calls.resolve("1", "the end of the test");
    assertEquals(resolved, taken);
  });
}

Deno.test("a call rejects with the error it is given", async () => {
  const calls = new PendingCalls<string>(10);
  const reply = register(calls, "1");
  const error = new TypeError("no");
  calls.reject("1", error);
  assertStrictEquals(await reply.catch((caught) => caught), error);
});

Deno.test("a call rejects with its overdue error when no reply comes", async () => {
  const calls = new PendingCalls<string>(10);
  const reply = () => register(calls, "1", { timeoutMs: 5 });
  await assertRejects(reply, RangeError, "overdue");
});

Deno.test("a reply after the deadline finds no call", async () => {
  const calls = new PendingCalls<string>(10);
  await assertRejects(() => register(calls, "1", { timeoutMs: 5 }), RangeError);
  assertEquals(calls.resolve("1", "late"), false);
});

Deno.test("a call rejects with the reason of its signal", async () => {
  const calls = new PendingCalls<string>(10);
  const controller = new AbortController();
  const reply = register(calls, "1", { caller: controller.signal });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => reply, TypeError, "stop");
});

Deno.test("a call whose signal has aborted already is refused with its reason", () => {
  const caller = AbortSignal.abort(new TypeError("stop"));
  const calls = new PendingCalls<string>(10);
  assertThrows(() => register(calls, "1", { caller }), TypeError, "stop");
});

Deno.test("one call over the limit is refused, with the limit in the text", () => {
  const calls = new PendingCalls<string>(1);
  void register(calls, "1");
  const error = assertThrows(() => register(calls, "2"), RpcError, "the limit is 1");
  calls.resolve("1", "x");
  assertEquals(error.code, "resource_exhausted");
});

Deno.test("a settled call makes room for another", () => {
  const calls = new PendingCalls<string>(1);
  void register(calls, "1");
  calls.resolve("1", "x");
  void register(calls, "2");
  assertEquals(calls.resolve("2", "x"), true);
});

Deno.test("close() rejects each call with an error of its own", async () => {
  const calls = new PendingCalls<string>(10);
  const replies = Promise.allSettled([register(calls, "1"), register(calls, "2")]);
  calls.close((id, { command }) => `${command} ${id}`);
  assertEquals(await replies, [
    { status: "rejected", reason: "add 1" },
    { status: "rejected", reason: "add 2" },
  ]);
});

Deno.test("close() refuses a call that comes later", () => {
  const calls = new PendingCalls<string>(10);
  calls.close((id) => new RangeError(`closed before ${id}`));
  assertThrows(() => register(calls, "1"), RangeError, "closed before 1");
});

Deno.test("nothing is left of a call that has settled", () => {
  const calls = new PendingCalls<string>(10);
  // Its timer too: the sanitizer of this test would see it.
  void register(calls, "1");
  calls.resolve("1", "x");
  assertEquals(calls.size, 0);
});
