// What a client makes of the frames of a server, played by the test.
import { assertEquals, assertRejects } from "@std/assert";
import { HEADER } from "../../src/wire/headers.ts";
import { readControl } from "../../src/wire/control.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { Request } from "../../src/wire/request.ts";
import { Peer } from "../client/peer.ts";
import { ManualClock } from "../manual_clock.ts";
import { all, turns } from "./hall.ts";

interface Sent {
  readonly more?: boolean;
  readonly server?: string;
  readonly value?: Uint8Array | null;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Sends a frame whose value is its number. */
function frame(peer: Peer, request: Request, seq: number, options: Sent = {}): void {
  const { more = true, server = "s1", value = utf8(String(seq)) } = options;
  peer.append(request, {
    value,
    headers: {
      [HEADER.status]: "ok",
      [HEADER.server]: server,
      [HEADER.seq]: String(seq),
      ...(more ? { [HEADER.more]: "1" } : {}),
    },
  });
}

/** Sends the last frame of a stream. */
const end = (peer: Peer, request: Request, seq: number) =>
  frame(peer, request, seq, { more: false, value: new Uint8Array(0) });

/** A stream that the test serves: its first step is asked for. */
async function streamOf(peer: Peer, options = {}) {
  const stream = peer.client.stream("count", 1, options);
  const first = stream.next();
  return { stream, first, request: await peer.request(0) };
}

Deno.test("a stream asks for it in its request, and says how far it may go", async () => {
  await using peer = await Peer.connect();
  const { stream, request } = await streamOf(peer, { window: 7, windowBytes: 99 });
  assertEquals(request.credit, { seq: 6, bytes: 99 });
  await stream.return();
});

Deno.test("a plain call says nothing of streams", async () => {
  await using peer = await Peer.connect();
  const result = peer.client.call("add", 1);
  const { headers } = await peer.requests.at(0);
  assertEquals([headers.has(HEADER.reply), headers.has(HEADER.credit)], [false, false]);
  peer.reply(await peer.request(0), {
    ok: true,
    output: { bytes: utf8("1"), contentType: "text/plain" },
  });
  await result;
});

for (const order of [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [0, 0, 2, 2, 1, 0, 3, 3]]) {
  Deno.test(`frames ${order} give each value once, in order`, async () => {
    await using peer = await Peer.connect();
    const { stream, first, request } = await streamOf(peer);
    for (const seq of order) seq === 3 ? end(peer, request, 3) : frame(peer, request, seq);
    assertEquals([(await first).value, ...await all(stream)], [0, 1, 2]);
  });
}

Deno.test("a failure that comes early waits for the values before it", async () => {
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer);
  const error = JSON.stringify({ name: "Error", message: "boom" });
  const headers = { [HEADER.status]: "internal", [HEADER.seq]: "1", [HEADER.error]: error };
  peer.append(request, { value: utf8("x"), headers: { ...headers, [HEADER.server]: "s1" } });
  frame(peer, request, 0);
  assertEquals((await first).value, 0);
  await assertRejects(() => stream.next(), RpcError, "boom");
});

Deno.test("frames of a second server are not mixed in", async () => {
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer);
  frame(peer, request, 0);
  frame(peer, request, 1, { server: "s2", value: utf8('"wrong"') });
  frame(peer, request, 1);
  end(peer, request, 2);
  assertEquals([(await first).value, ...await all(stream)], [0, 1]);
});

Deno.test("a frame beyond the credit ends the stream with data_loss", async () => {
  await using peer = await Peer.connect();
  const { first, request } = await streamOf(peer, { window: 2 });
  frame(peer, request, 2);
  assertEquals((await assertRejects(() => first, RpcError)).code, "data_loss");
});

Deno.test("values beyond the bytes of the credit end the stream with data_loss", async () => {
  await using peer = await Peer.connect();
  const { first, request } = await streamOf(peer, { windowBytes: 10 });
  // The first value is missing: these wait for it.
  for (const seq of [1, 2, 3]) frame(peer, request, seq, { value: utf8("12345") });
  assertEquals((await assertRejects(() => first, RpcError)).code, "data_loss");
});

Deno.test("the last value that the credit allows may be longer than what is left of it", async () => {
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer, { windowBytes: 10 });
  const long = JSON.stringify("x".repeat(100));
  for (const seq of [1, 1]) frame(peer, request, seq, { value: utf8(long) });
  frame(peer, request, 0, { value: utf8("123456789") });
  end(peer, request, 2);
  assertEquals([(await first).value, ...await all(stream)], [123_456_789, "x".repeat(100)]);
});

Deno.test("a last frame beyond the credit ends the stream with data_loss", async () => {
  await using peer = await Peer.connect();
  const { first, request } = await streamOf(peer, { window: 2 });
  end(peer, request, 3);
  assertEquals((await assertRejects(() => first, RpcError)).code, "data_loss");
});

Deno.test("a frame is no reply of a plain call", async () => {
  await using peer = await Peer.connect();
  const result = peer.client.call("add", 1);
  const request = await peer.request(0);
  frame(peer, request, 0);
  peer.reply(request, { ok: true, output: { bytes: utf8("2"), contentType: "text/plain" } });
  assertEquals(await result, "2");
});

Deno.test("the plain reply of a server that knows no streams is the one value", async () => {
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer);
  peer.reply(request, { ok: true, output: { bytes: utf8("5"), contentType: "application/json" } });
  assertEquals([(await first).value, ...await all(stream)], [5]);
});

Deno.test("a record of the stream that can't be read ends it with data_loss", async () => {
  await using peer = await Peer.connect();
  const { first, request } = await streamOf(peer);
  peer.append(request, { value: utf8("1"), headers: { [HEADER.seq]: "x" } });
  assertEquals((await assertRejects(() => first, RpcError)).code, "data_loss");
});

Deno.test("a stream whose server says nothing for 15 s is aborted, with what it delivered", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer, { timeoutMs: 60_000 });
  frame(peer, request, 0);
  frame(peer, request, 1);
  await first;
  await stream.next();
  const rejected = assertRejects(() => stream.next(), RpcError);
  await clock.advance(17_000);
  const { code, details } = await rejected;
  assertEquals([code, details], ["aborted", { delivered: 2 }]);
});

Deno.test("empty frames keep a silent stream open, and are no values", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer, { timeoutMs: 600_000 });
  frame(peer, request, 0);
  await first;
  const next = stream.next();
  for (let times = 0; times < 10; times++) {
    await clock.advance(10_000);
    frame(peer, request, 1, { value: null });
  }
  await clock.advance(1_000);
  frame(peer, request, 1);
  assertEquals(await next, { done: false, value: 1 });
  await stream.return();
});

Deno.test("a process that stood still does not take its servers for gone", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer, { timeoutMs: 600_000 });
  frame(peer, request, 0);
  await first;
  const next = stream.next();
  clock.jump(100_000);
  await clock.advance(2_000);
  frame(peer, request, 1);
  assertEquals(await next, { done: false, value: 1 });
  await stream.return();
});

Deno.test("a value that does not come within timeoutMs is deadline_exceeded", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer, { timeoutMs: 5_000 });
  frame(peer, request, 0);
  await first;
  // What the loop takes for a value does not count.
  await clock.advance(4_000);
  const rejected = assertRejects(() => stream.next(), RpcError);
  await clock.advance(4_999);
  frame(peer, request, 1, { value: null });
  await clock.advance(1);
  const { code, stage } = await rejected;
  assertEquals([code, stage], ["deadline_exceeded", "wait"]);
});

Deno.test("a stream takes no longer than totalTimeoutMs, however many values come", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer, { totalTimeoutMs: 5_000 });
  frame(peer, request, 0);
  await first;
  const rejected = assertRejects(() => stream.next(), RpcError, "totalTimeoutMs");
  await clock.advance(5_000);
  assertEquals((await rejected).code, "deadline_exceeded");
});

/** What a client says on the control topic. */
const controls = (peer: Peer) => peer.controls().map((record) => readControl(record).kind);

Deno.test("a stream that is left is canceled at the servers", async () => {
  await using peer = await Peer.connect();
  const { stream, request } = await streamOf(peer);
  frame(peer, request, 0);
  await stream.return();
  await turns();
  assertEquals(controls(peer), ["cancel"]);
});

Deno.test("a stream that has ended is not canceled", async () => {
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer);
  frame(peer, request, 0);
  end(peer, request, 1);
  await first;
  await all(stream);
  await turns();
  assertEquals(controls(peer), []);
});

Deno.test("an open stream says every 20 s that its caller is there", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer, { timeoutMs: 600_000 });
  frame(peer, request, 0);
  await first;
  for (let times = 0; times < 5; times++) {
    await clock.advance(10_000);
    frame(peer, request, 1, { value: null });
  }
  const seen = controls(peer);
  await stream.return();
  assertEquals(seen, ["credit", "credit"]);
});

Deno.test("a stream that has begun is not sent again, whatever `retry` says", async () => {
  await using peer = await Peer.connect();
  const { stream, first, request } = await streamOf(peer, { retry: { attempts: 5, backoffMs: 1 } });
  frame(peer, request, 0);
  await first;
  const error = JSON.stringify({ name: "RpcError", message: "gone" });
  peer.append(request, { headers: { [HEADER.status]: "aborted", [HEADER.error]: error } });
  const { code, details } = await assertRejects(() => stream.next(), RpcError, "gone");
  assertEquals([code, details, peer.requests.items.length], ["aborted", { delivered: 1 }, 1]);
});
