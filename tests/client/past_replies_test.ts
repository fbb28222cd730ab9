// What a search for a reply finds in a log that was cut, or made anew.
import { assertEquals, assertRejects } from "@std/assert";
import type { CallHandle } from "../../src/client/handles.ts";
import { PastReplies } from "../../src/client/past_replies.ts";
import { SubmittedCall } from "../../src/client/submitted_call.ts";
import type { ReadOptions, Transport } from "../../src/transport/transport.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { writeReply } from "../../src/wire/reply.ts";
import { ManualClock } from "../manual_clock.ts";
import { ok } from "../pipeline/call_of.ts";

const OPTIONS = { closing: new AbortController().signal, signing: undefined };
const DIGEST = "d".repeat(22);
const handle = (resultsOffset: number): CallHandle => ({
  version: 1,
  command: "report",
  id: "a",
  digest: DIGEST,
  topic: "commands",
  partition: 0,
  offset: 7,
  resultsTopic: "results",
  resultsPartition: 0,
  resultsOffset,
  deadline: Date.now() + 60_000,
});

/** A log that begins at an offset, with this many records behind; what is read of it is counted. */
function logOf({ begins = 0, records = 0 }) {
  const broker = new MemoryBroker();
  broker.createTopic("results");
  for (let n = 0; n < begins + records; n++) {
    broker.append({ topic: "results", key: null, value: "x" });
  }
  const transport = broker.transport();
  const readings: ReadOptions[] = [];
  const reading: Transport = Object.assign(Object.create(transport), {
    async read(options: ReadOptions) {
      readings.push(options);
      const from = options.from! < BigInt(begins) ? BigInt(begins) : options.from;
      return await transport.read({ ...options, from });
    },
  });
  const past = new PastReplies(reading, OPTIONS);
  const answer = (id: string, digest = DIGEST) => {
    const key = new TextEncoder().encode(id);
    const address = { topic: "results", partition: 0, key, id, digest };
    broker.append(writeReply(address, ok(id), { server: "s" }));
  };
  const call = (from: number, committed?: bigint) =>
    new SubmittedCall(handle(from), {
      past,
      decode: (_, { bytes }) => new TextDecoder().decode(bytes),
      committed: () => Promise.resolve(committed),
      closing: new AbortController().signal,
    });
  return { past, call, answer, readings, transport };
}

Deno.test("a reply that retention has removed is unknown", async () => {
  const { call } = logOf({ begins: 5, records: 2 });
  assertEquals(await call(3, 8n).state(), "unknown");
});

Deno.test("result() says that the retention may have removed the reply", async () => {
  const { call } = logOf({ begins: 5, records: 2 });
  const error = await assertRejects(() => call(3, 8n).result(), RpcError, "retention");
  assertEquals([error.code, error.stage], ["unknown", "wait"]);
});

Deno.test("where it can't be known whether a call was answered, a cut log is unknown too", async () => {
  const { call } = logOf({ begins: 5 });
  assertEquals(await call(3).state(), "unknown");
});

Deno.test("a call that no server has answered is accepted, however the log was cut", async () => {
  const { call } = logOf({ begins: 5 });
  assertEquals(await call(3, 7n).state(), "accepted");
});

Deno.test("result() waits for a call that no server has answered, though the log was cut", async () => {
  const { call, answer } = logOf({ begins: 5 });
  const waiting = call(3, 7n).result();
  answer("a");
  assertEquals(await waiting, '"a"');
});

Deno.test("a log that ends before the handle is another one", async () => {
  const { call } = logOf({ records: 2 });
  const error = await assertRejects(() => call(9).state(), RpcError, "the topic was made anew");
  assertEquals(error.code, "failed_precondition");
});

/** A call whose topics no broker opens. */
function silentCall(): SubmittedCall {
  const silent = { read: () => Promise.withResolvers<never>().promise } as unknown as Transport;
  return new SubmittedCall(handle(0), {
    past: new PastReplies(silent, OPTIONS),
    decode: () => undefined,
    committed: () => Promise.resolve(undefined),
    closing: OPTIONS.closing,
  });
}

Deno.test("state() looks no longer than its `timeoutMs`", async () => {
  using clock = new ManualClock();
  const rejected = assertRejects(() => silentCall().state({ timeoutMs: 5 }), RpcError, "5 ms");
  await clock.advance(5);
  assertEquals((await rejected).code, "unavailable");
});

Deno.test("state() rejects with the reason of its signal", async () => {
  const controller = new AbortController();
  const state = silentCall().state({ signal: controller.signal });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => state, TypeError, "stop");
});

Deno.test("a reply to another request under the id is not taken", async () => {
  const { call, answer } = logOf({});
  answer("a", "e".repeat(22));
  assertEquals(await call(0, 7n).state(), "accepted");
});

Deno.test("searches that begin at once read once, from the earliest offset", async () => {
  const { past, answer, readings } = logOf({ records: 4 });
  using first = past.search(handle(3));
  using second = past.search({ ...handle(1), id: "b" });
  answer("a");
  answer("b");
  const ids = [(await first.reply).id, (await second.reply).id];
  assertEquals([ids, readings.map(({ from }) => from)], [["a", "b"], [1n]]);
});

Deno.test("a search whose log can't be read rejects", async () => {
  const failing = { read: () => Promise.reject(new RpcError("permission_denied", "no")) };
  const past = new PastReplies(failing as unknown as Transport, OPTIONS);
  using search = past.search(handle(0));
  const error = await assertRejects(
    () => search.searched,
    RpcError,
    "Cannot look for the reply: no",
  );
  assertEquals(error.code, "permission_denied");
});
