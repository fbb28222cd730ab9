// What a caller learns of where the time of its call went.
import { assertEquals, assertRejects } from "@std/assert";
import type { ConnectOptions } from "../../src/client/options.ts";
import type { CallOptions } from "../../src/client/call_options.ts";
import type { Interceptor } from "../../src/pipeline/call.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import type { Receipt, ServerReceipt } from "../../src/wire/receipt.ts";
import { ok } from "../pipeline/call_of.ts";
import { ManualClock } from "../manual_clock.ts";
import { Peer } from "./peer.ts";

const RETRY = { attempts: 2, backoffMs: 1, maxBackoffMs: 1 };
/** The clock of the server is two seconds ahead. */
const AHEAD_MS = 2_000;

/** What a server says that had the request 20 ms after it was sent, and a reply 12 ms later. */
const said = (parts: Partial<ServerReceipt> = {}): ServerReceipt => ({
  waited: 2,
  run: 10,
  at: 1_700_000_000_000 + 20 + AHEAD_MS,
  attempt: 1,
  topic: "commands",
  partition: 0,
  offset: 0,
  ...parts,
});

/** One call whose reply takes 52 ms, and its receipt. */
async function calling(
  { options = {}, outcome = ok(3), receipt = said() }: {
    options?: Omit<ConnectOptions, "transport">;
    outcome?: Outcome;
    receipt?: ServerReceipt;
  } = {},
) {
  using clock = new ManualClock();
  await using peer = await Peer.connect(options);
  const receipts: Receipt[] = [];
  const onReceipt = (receipt: Receipt) => void receipts.push(receipt);
  const call = peer.client.call("add", 1, { onReceipt }).catch((error) => error);
  const request = await peer.request(0);
  await clock.advance(52);
  peer.reply(request, outcome, receipt);
  return { result: await call, receipts, request };
}

Deno.test("a call asks for a receipt where it has `onReceipt`", async () => {
  assertEquals((await calling()).request.wantsReceipt, true);
});

Deno.test("a call without `onReceipt` asks for none", async () => {
  await using peer = await Peer.connect();
  const call = peer.client.call("add");
  const request = await peer.request(0);
  peer.reply(request, ok(3));
  await call;
  assertEquals(request.wantsReceipt, undefined);
});

Deno.test("`receipts` of the client asks for one with each call", async () => {
  await using peer = await Peer.connect({ receipts: true });
  const call = peer.client.call("add");
  const request = await peer.request(0);
  peer.reply(request, ok(3));
  await call;
  assertEquals(request.wantsReceipt, true);
});

Deno.test("the result of a call with `onReceipt` is the same", async () => {
  assertEquals((await calling()).result, 3);
});

Deno.test("a receipt says how long the call waited, ran and was on its way", async () => {
  const { receipts: [receipt] } = await calling();
  const { totalMs, waitedMs, runMs, transitMs } = receipt!;
  assertEquals({ totalMs, waitedMs, runMs, transitMs }, {
    totalMs: 52,
    waitedMs: 2,
    runMs: 10,
    transitMs: 40,
  });
});

Deno.test("a clock that is ahead is told apart from a slow way", async () => {
  const { receipts: [receipt] } = await calling();
  assertEquals(receipt?.clockAheadMs, AHEAD_MS);
});

Deno.test("a receipt names the server, and where request and reply lie", async () => {
  const { receipts: [receipt] } = await calling();
  assertEquals([receipt?.server, receipt?.request, receipt?.reply], [
    "peer",
    { topic: "commands", partition: 0, offset: 0 },
    { topic: "commands_results", partition: 0, offset: 0 },
  ]);
});

Deno.test("a receipt has the metadata of the reply", async () => {
  const { receipts: [receipt] } = await calling({ outcome: { ...ok(3), metadata: { cost: "3" } } });
  assertEquals({ ...receipt?.metadata }, { cost: "3" });
});

Deno.test("`onReceipt` is called once", async () => {
  assertEquals((await calling()).receipts.length, 1);
});

Deno.test("a server that sends no receipt leaves out what only it knows", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect();
  const receipts: Receipt[] = [];
  const call = peer.client.call("add", 1, { onReceipt: (receipt) => void receipts.push(receipt) });
  const request = await peer.request(0);
  await clock.advance(5);
  peer.reply(request, ok(3));
  await call;
  const { totalMs, transitMs, runMs } = receipts[0]!;
  assertEquals([totalMs, transitMs, runMs], [5, undefined, undefined]);
});

Deno.test("an error that a server answered with has the receipt", async () => {
  const { result, receipts } = await calling({ outcome: failedOutcome("not_found", "no") });
  const { code, receipt } = result as RpcError;
  assertEquals([code, receipt === receipts[0]], ["not_found", true]);
});

Deno.test("the receipt of a call without a reply says when the request was acknowledged", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect({ receipts: true });
  const rejected = assertRejects(() => peer.client.call("add", 1, { timeoutMs: 500 }), RpcError);
  await clock.advance(600);
  const { receipt } = await rejected;
  assertEquals([receipt?.acknowledgedMs, receipt?.totalMs, receipt?.server], [
    0,
    undefined,
    undefined,
  ]);
});

Deno.test("a reply to an earlier attempt says nothing of how long it was on its way", async () => {
  using clock = new ManualClock();
  await using peer = await Peer.connect({ retry: RETRY });
  const receipts: Receipt[] = [];
  const call = peer.client.call("add", 1, { onReceipt: (receipt) => void receipts.push(receipt) });
  peer.reply(await peer.request(0), failedOutcome("unavailable", "not now"), said());
  await clock.advance(10);
  peer.reply(await peer.request(1), ok(3), said());
  await call;
  const { attempt, runMs, transitMs, clockAheadMs } = receipts[0]!;
  assertEquals([attempt, runMs, transitMs, clockAheadMs], [1, 10, undefined, undefined]);
});

Deno.test("what `onReceipt` throws rejects the call", async () => {
  await using peer = await Peer.connect();
  const onReceipt = () => {
    throw new TypeError("mine");
  };
  const rejected = assertRejects(
    () => peer.client.call("add", 1, { onReceipt }),
    TypeError,
    "mine",
  );
  peer.reply(await peer.request(0), ok(3));
  await rejected;
});

Deno.test("an interceptor sees the receipt fill", async () => {
  const seen: unknown[] = [];
  const looking: Interceptor = (next) => async (call) => {
    seen.push(call.receipt?.runMs);
    const outcome = await next(call);
    seen.push(call.receipt?.runMs);
    return outcome;
  };
  await calling({ options: { interceptors: [looking] } });
  assertEquals(seen, [undefined, 10]);
});

Deno.test("a receipt is no JSON of an error: it stays in this process", async () => {
  const { result } = await calling({ outcome: failedOutcome("not_found", "no") });
  assertEquals("receipt" in JSON.parse(JSON.stringify(result)), false);
});

Deno.test("`onReceipt` must be a function", async () => {
  await using peer = await Peer.connect();
  const options = { onReceipt: "log" } as unknown as CallOptions;
  const call = () => peer.client.call("add", 1, options);
  await assertRejects(call, RpcError, "`onReceipt`: it is a string. Give a function");
});
