// Calls that want no reply, as a client sends them.
import { assertEquals, assertRejects } from "@std/assert";
import type { SendOptions } from "../../src/client/send_options.ts";
import type { Call, Interceptor } from "../../src/pipeline/call.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { textOf } from "../../src/wire/utf8.ts";
import { ManualClock } from "../manual_clock.ts";
import { Peer } from "./peer.ts";

/** The record of one call that was sent. */
async function sent(options?: SendOptions) {
  await using peer = await Peer.connect();
  await peer.client.send("log", { line: 1 }, options);
  const { key, headers } = await peer.requests.at(0);
  const texts = Object.fromEntries([...headers].map(([name, value]) => [name, textOf(value)]));
  return { key: key && textOf(key), headers: texts, request: await peer.request(0) };
}

/** A client whose records no broker acknowledges. */
const unheard = () => Peer.connect({}, 1, { afterProduce: () => new Promise<void>(() => {}) });

Deno.test("send() resolves without a reply", async () => {
  assertEquals((await sent()).request.command, "log");
});

Deno.test("a one-way request asks for no reply, names no place for one and has no deadline", async () => {
  const { headers } = await sent();
  assertEquals(headers, {
    "rpc-version": "1",
    "rpc-command": "log",
    "rpc-attempt": "1",
    "rpc-reply": "none",
  });
});

Deno.test("`ttlMs` is the deadline of a one-way request", async () => {
  using _clock = new ManualClock();
  const { request } = await sent({ ttlMs: 60_000, timeoutMs: 5 });
  assertEquals(request.deadline, 1_700_000_060_000);
});

Deno.test("send() needs no server", async () => {
  await using peer = await Peer.connect({ waitForServer: false });
  assertEquals(await peer.client.send("log", 1), undefined);
});

Deno.test("send() rejects where no broker acknowledges in time", async () => {
  using clock = new ManualClock();
  await using peer = await unheard();
  const rejected = assertRejects(() => peer.client.send("log", 1, { timeoutMs: 500 }), RpcError);
  await clock.advance(500);
  const { code, stage, command } = await rejected;
  assertEquals([code, stage, command], ["unavailable", "send", "log"]);
});

Deno.test("send() rejects with the reason of its signal", async () => {
  await using peer = await unheard();
  const controller = new AbortController();
  const sending = peer.client.send("log", 1, { signal: controller.signal });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => sending, TypeError, "stop");
});

Deno.test("close() ends a send() that is not acknowledged", async () => {
  await using peer = await unheard();
  const rejected = assertRejects(() => peer.client.send("log"), RpcError, "the client was closed");
  await peer.client.close();
  const { code, stage } = await rejected;
  assertEquals([code, stage], ["canceled", "send"]);
});

Deno.test("a closed client sends nothing", async () => {
  await using peer = await Peer.connect();
  await peer.client.close();
  const { code, stage } = await assertRejects(() => peer.client.send("log"), RpcError);
  assertEquals([code, stage], ["failed_precondition", "request"]);
});

for (const option of ["interceptors", "attemptInterceptors"]) {
  Deno.test(`${option} see a one-way call, and its acknowledgement as its end`, async () => {
    const seen: (Call | boolean)[] = [];
    const looking: Interceptor = (next) => async (call) => {
      const { ok } = await next(call);
      seen.push(call, ok);
      return { ok: true, output: call.input };
    };
    await using peer = await Peer.connect({ [option]: [looking] });
    await peer.client.send("log", 1);
    const [call, ok] = seen as [Call, boolean];
    assertEquals([call.command, call.oneWay, ok], ["log", true, true]);
  });
}

Deno.test("an interceptor may refuse a one-way call", async () => {
  const refusing: Interceptor = () => () => Promise.reject(new RpcError("aborted", "not today"));
  await using peer = await Peer.connect({ interceptors: [refusing] });
  await assertRejects(() => peer.client.send("log"), RpcError, "not today");
  assertEquals(peer.requests.items, []);
});

Deno.test("an input over `requestBytes` is not sent", async () => {
  await using peer = await Peer.connect({ requestBytes: 10 });
  const { code } = await assertRejects(() => peer.client.send("log", "x".repeat(20)), RpcError);
  assertEquals([code, peer.requests.items.length], ["resource_exhausted", 0]);
});

Deno.test("the error of send() points at its caller", async () => {
  await using peer = await Peer.connect({ requestBytes: 10 });
  async function theCaller() {
    await peer.client.send("log", "x".repeat(20));
  }
  const { stack } = await assertRejects(theCaller, RpcError);
  assertEquals(/theCaller/.test(stack!.split("\n").find((line) => line.includes(" at "))!), true);
});

Deno.test("an idempotency key is the key of the record, which leads repeats to one server", async () => {
  const { key, headers, request } = await sent({ idempotencyKey: "order-17" });
  assertEquals([key, headers["rpc-idempotency-key"], headers["rpc-id"] === request.id], [
    "order-17",
    "order-17",
    true,
  ]);
});

Deno.test("a call may have an idempotency key too", async () => {
  await using peer = await Peer.connect();
  const controller = new AbortController();
  const options = { idempotencyKey: "order-17", signal: controller.signal };
  const calling = peer.client.call("log", 1, options);
  const { idempotencyKey } = await peer.request(0);
  controller.abort(new TypeError("enough"));
  await assertRejects(() => calling, TypeError);
  assertEquals(idempotencyKey, "order-17");
});

for (
  const [options, text] of [
    [{ idempotencyKey: "" }, '`idempotencyKey`: it is "", not text of 1 to 255 bytes'],
    [{ idempotencyKey: 17 }, "`idempotencyKey`: it is 17, not text"],
    [{ idempotencyKey: "é".repeat(128) }, "not text of 1 to 255 bytes"],
    [{ ttlMs: 0 }, "`ttlMs`"],
    [{ ttlMs: Number.MAX_SAFE_INTEGER }, "`ttlMs`"],
    [{ ttl: 5 }, "Did you mean `ttlMs`?"],
    [{ retry: {} }, "`retry`"],
  ] as const
) {
  Deno.test(`send() refuses ${JSON.stringify(options).slice(0, 40)}`, async () => {
    await using peer = await Peer.connect();
    const sending = () => peer.client.send("log", 1, options as unknown as SendOptions);
    const { code, stage } = await assertRejects(sending, RpcError, text);
    assertEquals([code, stage], ["invalid_argument", "request"]);
  });
}
