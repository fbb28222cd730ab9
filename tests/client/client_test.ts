import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { v7 } from "@std/uuid";
import { connect } from "../../src/client/client.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import { within } from "../within.ts";
import { ok } from "../pipeline/call_of.ts";
import { Peer } from "./peer.ts";
import { ManualClock } from "../manual_clock.ts";

Deno.test("call() gives the result of the command", async () => {
  await using peer = await Peer.connect();
  const result = peer.client.call("add", { a: 1 });
  peer.reply(await peer.request(0), ok(3));
  assertEquals(await result, 3);
});

Deno.test("call() sends name, input, place and time of the reply", async () => {
  await using peer = await Peer.connect({ timeoutMs: 60_000 });
  const before = Date.now();
  const result = peer.client.call("add", { a: 1 });
  const { command, input, replyTopic, replyPartition, attempt, deadline } = await peer.request(0);
  peer.reply(await peer.request(0), ok(3));
  await result;
  const sent = new TextDecoder().decode(input.bytes);
  assertEquals([command, sent, replyTopic, replyPartition, attempt, deadline! >= before + 60_000], [
    "add",
    '{"a":1}',
    "commands_results",
    0,
    1,
    true,
  ]);
});

Deno.test("the id of a call is a UUID of version 7", async () => {
  await using peer = await Peer.connect();
  const result = peer.client.call("add");
  const request = await peer.request(0);
  peer.reply(request, ok(null));
  await result;
  assertEquals(v7.validate(request.id), true);
});

Deno.test("metadata and trace context go with the request", async () => {
  await using peer = await Peer.connect();
  const trace = { traceparent: "00-1-2-01", tracestate: undefined };
  const result = peer.client.call("add", 1, { metadata: { tenant: "acme" }, trace });
  const request = await peer.request(0);
  peer.reply(request, ok(null));
  await result;
  assertEquals([{ ...request.metadata }, request.trace], [{ tenant: "acme" }, trace]);
});

Deno.test("each call gets its own result, in whatever order they come", async () => {
  await using peer = await Peer.connect();
  const results = Promise.all([peer.client.call("a"), peer.client.call("b")]);
  peer.reply(await peer.request(1), ok("second"));
  peer.reply(await peer.request(0), ok("first"));
  assertEquals(await results, ["first", "second"]);
});

Deno.test("call() rejects with the code that the server sent", async () => {
  await using peer = await Peer.connect();
  const result = peer.client.call("add");
  const rejected = assertRejects(() => result, RpcError, "not today");
  peer.reply(await peer.request(0), failedOutcome("aborted", "not today", { until: "noon" }));
  const { code, command, stage, details } = await rejected;
  assertEquals([code, command, stage, details], ["aborted", "add", "remote", { until: "noon" }]);
});

Deno.test("call() rejects with deadline_exceeded when no reply comes", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect();
  const call = () => peer.client.call("add", 1, { timeoutMs: 10 });
  const rejected = assertRejects(call, RpcError, "no reply came within 10 ms");
  await clock.advance(10);
  const error = await rejected;
  assertEquals([error.code, error.command, error.stage], ["deadline_exceeded", "add", "wait"]);
});

Deno.test("an aborted call rejects with the reason of its signal", async () => {
  await using peer = await Peer.connect();
  const controller = new AbortController();
  const result = peer.client.call("add", 1, { signal: controller.signal });
  await peer.request(0);
  controller.abort(new TypeError("stop"));
  await assertRejects(() => result, TypeError, "stop");
});

Deno.test("a call that is aborted in the turn it was made rejects with the reason", async () => {
  await using peer = await Peer.connect({ waitForServer: false });
  await peer.serveNothing();
  const controller = new AbortController();
  const result = peer.client.call("add", 1, { signal: controller.signal });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => within(result, "the rejection"), TypeError, "stop");
});

Deno.test("a call whose signal has aborted is not sent", async () => {
  await using peer = await Peer.connect();
  const signal = AbortSignal.abort(new TypeError("stop"));
  await assertRejects(() => peer.client.call("add", 1, { signal }), TypeError, "stop");
  assertEquals(peer.client.counts.calls, 0);
});

Deno.test("a call that is over `requestBytes` does not count", async () => {
  await using peer = await Peer.connect({ requestBytes: 10 });
  await assertRejects(() => peer.client.call("add", "x".repeat(20)), RpcError);
  assertEquals(peer.client.counts.calls, 0);
});

Deno.test("close() rejects calls in flight with canceled", async () => {
  await using peer = await Peer.connect();
  const result = peer.client.call("add");
  await peer.request(0);
  const rejected = assertRejects(() => result, RpcError, "the client was closed");
  await peer.client.close();
  const { code, command, stage } = await rejected;
  assertEquals([code, command, stage], ["canceled", "add", "wait"]);
});

Deno.test("call() after close() is refused with failed_precondition", async () => {
  await using peer = await Peer.connect();
  await peer.client.close();
  const error = await assertRejects(() => peer.client.call("add"), RpcError, "is closed");
  assertEquals(error.code, "failed_precondition");
});

Deno.test("close() may be called again", async () => {
  await using peer = await Peer.connect();
  await peer.client.close();
  assertEquals(await peer.client.close(), undefined);
});

Deno.test("one call over maxPending is refused with resource_exhausted", async () => {
  await using peer = await Peer.connect({ maxPending: 1 });
  const first = peer.client.call("add");
  const error = await assertRejects(() => peer.client.call("add"), RpcError, "`maxPending`");
  peer.reply(await peer.request(0), ok(null));
  await first;
  assertEquals([error.code, error.stage], ["resource_exhausted", "request"]);
});

Deno.test("an input over requestBytes is refused with both sizes", async () => {
  await using peer = await Peer.connect({ requestBytes: 10 });
  const error = await assertRejects(
    () => peer.client.call("add", "x".repeat(9)),
    RpcError,
    "it has 11 bytes, the limit is 10",
  );
  assertEquals([error.code, error.details], ["resource_exhausted", { size: 11, limit: 10 }]);
});

Deno.test("metadata counts towards requestBytes", async () => {
  await using peer = await Peer.connect({ requestBytes: 10 });
  const metadata = { tenant: "Grüße" };
  const error = await assertRejects(() => peer.client.call("add", 1, { metadata }), RpcError);
  assertEquals([error.code, error.details], ["resource_exhausted", { size: 14, limit: 10 }]);
});

Deno.test("an input that JSON would change is refused with invalid_argument", async () => {
  await using peer = await Peer.connect();
  const error = await assertRejects(() => peer.client.call("add", { a: NaN }), RpcError, "NaN");
  assertEquals([error.code, error.stage], ["invalid_argument", "request"]);
});

Deno.test("a timeoutMs that can't be right is refused", async () => {
  await using peer = await Peer.connect();
  await assertRejects(() => peer.client.call("add", 1, { timeoutMs: -1 }), RpcError, "timeoutMs");
});

Deno.test("the stack of a rejected call points at the caller's line", async () => {
  await using peer = await Peer.connect();
  async function theCaller() {
    await peer.client.call("add", 1, { timeoutMs: 5 });
  }
  const { stack } = await assertRejects(theCaller, RpcError);
  assertMatch(stack!.split("\n").find((line) => line.includes(" at "))!, /theCaller.*client_test/);
});

Deno.test("the stack of a rejected call points at the caller's line while hundreds wait", async () => {
  await using peer = await Peer.connect();
  const others = Promise.allSettled(
    Array.from({ length: 300 }, () => peer.client.call("add", 1, { timeoutMs: 5 })),
  );
  async function theCaller() {
    await peer.client.call("add", 1, { timeoutMs: 5 });
  }
  const { stack } = await assertRejects(theCaller, RpcError);
  await others;
  assertMatch(stack!.split("\n").find((line) => line.includes(" at "))!, /theCaller.*client_test/);
});

Deno.test("a client picks one of several partitions, and reads that one", async () => {
  await using peer = await Peer.connect({}, 7);
  const result = peer.client.call("add");
  const request = await peer.request(0);
  peer.reply(request, ok("there"));
  assertEquals([request.replyPartition! < 7, await result], [true, "there"]);
});

Deno.test("a failed send rejects the call, and nothing is left of it", async () => {
  using clock = new ManualClock();
  const broker = new MemoryBroker();
  const transport = broker.transport();
  await using client = await connect({ transport, waitForServer: true });
  transport.produce = () => Promise.reject(new RpcError("unavailable", "Cannot send: down."));
  // An outage is waited for until the deadline.
  const call = () => client.call("add", undefined, { timeoutMs: 200 });
  const rejected = assertRejects(call, RpcError, 'Cannot call "add"');
  await clock.advance(200);
  const error = await rejected;
  assertEquals([error.code, error.stage, client.counts.pending], ["unavailable", "send", 0]);
});

Deno.test("a reply that comes before the acknowledgement of the request is not missed", async () => {
  const broker = new MemoryBroker();
  broker.createTopic("commands_results");
  const transport = broker.transport();
  await using client = await connect({ transport, waitForServer: true });
  const acknowledged = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<Uint8Array>();
  transport.produce = ({ key }) => {
    sent.resolve(key!);
    return acknowledged.promise;
  };
  const result = client.call("add");
  const key = await sent.promise;
  const headers = { "rpc-version": "1", "rpc-status": "ok" };
  const value = new TextEncoder().encode("3");
  broker.append({ topic: "commands_results", key, value, headers });
  assertEquals(await result, 3);
  acknowledged.resolve();
});

Deno.test("connect() rejects with the reason of a signal that aborts meanwhile", async () => {
  const controller = new AbortController();
  const transport = new MemoryBroker().transport();
  const connecting = connect({ transport, signal: controller.signal });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => connecting, TypeError, "stop");
});

Deno.test("a signal that aborts in the last moment of the connecting still closes it", async () => {
  const controller = new AbortController();
  const transport = new MemoryBroker().transport();
  const read = transport.read.bind(transport);
  transport.read = async (options) => {
    const reading = await read(options);
    controller.abort(new TypeError("stop"));
    return reading;
  };
  const client = await connect({ transport, signal: controller.signal });
  const error = await assertRejects(() => client.call("add"), RpcError, "is closed");
  assertEquals(error.code, "failed_precondition");
});

Deno.test("the signal of connect() closes the client later", async () => {
  const controller = new AbortController();
  await using peer = await Peer.connect({ signal: controller.signal });
  const result = peer.client.call("add");
  await peer.request(0);
  controller.abort();
  const error = await assertRejects(() => within(result, "the rejection"), RpcError);
  assertEquals(error.code, "canceled");
});

Deno.test("at the event of a close the client is closed, also for a listener that closes it", async () => {
  const { client } = await Peer.connect();
  const states: string[] = [];
  client.addEventListener("statechange", () => {
    void client.close();
    states.push(client.state);
  });
  await client.close();
  assertEquals(states, ["closed"]);
});

Deno.test("a trace context that is no text is refused", async () => {
  await using peer = await Peer.connect();
  const trace = { traceparent: 1 } as unknown as { traceparent: string };
  const error = await assertRejects(() => peer.client.call("add", 1, { trace }), RpcError);
  assertEquals([error.code, error.stage], ["invalid_argument", "request"]);
});
