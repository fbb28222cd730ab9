// Calls that are tried again, as a server sees them.
import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import type { Request } from "../../src/wire/request.ts";
import { within } from "../within.ts";
import { ok } from "../pipeline/call_of.ts";
import { Peer } from "./peer.ts";

const quick = { attempts: 3, backoffMs: 1, maxBackoffMs: 1 };

/** The two requests of a call whose first attempt fails. */
async function retriedOnce(): Promise<[first: Request, second: Request]> {
  await using peer = await Peer.connect({ retry: quick });
  const calling = peer.client.call("add");
  const first = await peer.request(0);
  peer.reply(first, failedOutcome("unavailable", "not now"));
  const second = await peer.request(1);
  peer.reply(second, ok(1));
  await calling;
  return [first, second];
}

Deno.test("a retry has the same id", async () => {
  const [first, second] = await retriedOnce();
  assertEquals(second.id, first.id);
});

Deno.test("close() ends a call that waits before its next attempt", async () => {
  await using peer = await Peer.connect({ retry: { backoffMs: 600_000, maxBackoffMs: 600_000 } });
  const calling = peer.client.call("add", null, { timeoutMs: 2_000_000 });
  const rejected = assertRejects(() => calling, RpcError, "the client was closed");
  peer.reply(await peer.request(0), failedOutcome("unavailable", "not now"));
  // Replies come in order: after this one the call before it waits.
  const other = peer.client.call("add");
  peer.reply(await peer.request(1), ok(1));
  await other;
  await peer.client.close();
  assertEquals((await within(rejected, "the end of the call")).code, "canceled");
});

Deno.test("a send that fails after its attempt was answered does not end the next attempt", async () => {
  const acknowledgement = Promise.withResolvers<void>();
  let sent = 0;
  await using peer = await Peer.connect({ retry: quick }, 1, {
    afterProduce: () => ++sent === 1 ? acknowledgement.promise : Promise.resolve(),
  });
  const calling = peer.client.call("add");
  peer.reply(await peer.request(0), failedOutcome("unavailable", "not now"));
  const second = await peer.request(1);
  acknowledgement.reject(new RpcError("unavailable", "no acknowledgement"));
  await assertRejects(() => acknowledgement.promise);
  peer.reply(second, ok(1));
  assertEquals(await calling, 1);
});

Deno.test("a retry says which attempt it is", async () => {
  await using peer = await Peer.connect({ retry: quick });
  const calling = peer.client.call("add");
  peer.reply(await peer.request(0), failedOutcome("aborted", "not now"));
  const { attempt } = await peer.request(1);
  peer.reply(await peer.request(1), ok(1));
  await calling;
  assertEquals(attempt, 2);
});

Deno.test("a retry has the deadline of the call", async () => {
  const [first, second] = await retriedOnce();
  assertEquals(second.deadline, first.deadline);
});

Deno.test("a call fails after its attempts, with the last error", async () => {
  await using peer = await Peer.connect({});
  const calling = peer.client.call("add", undefined, { retry: { ...quick, attempts: 2 } });
  peer.reply(await peer.request(0), failedOutcome("unavailable", "first"));
  peer.reply(await peer.request(1), failedOutcome("unavailable", "second"));
  await assertRejects(() => calling, RpcError, "second");
});

Deno.test("an error that is not named is not tried again", async () => {
  await using peer = await Peer.connect({ retry: quick });
  const calling = peer.client.call("add");
  peer.reply(await peer.request(0), failedOutcome("invalid_argument", "bad"));
  await assertRejects(() => calling, RpcError, "bad");
});

Deno.test("a call that is aborted between two attempts rejects with the signal's reason", async () => {
  await using peer = await Peer.connect({});
  const controller = new AbortController();
  const retry = { attempts: 2, backoffMs: 60_000, maxBackoffMs: 60_000 };
  const options = { retry, signal: controller.signal, timeoutMs: 600_000 };
  const calling = peer.client.call("add", undefined, options);
  peer.reply(await peer.request(0), failedOutcome("unavailable", "not now"));
  queueMicrotask(() => controller.abort(new Error("enough")));
  await assertRejects(() => calling, Error, "enough");
});
