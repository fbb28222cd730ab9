import { assert, assertEquals } from "@std/assert";
import { originOf } from "../../src/server/origin.ts";
import { entryOf, ReplyCache } from "../../src/server/reply_cache.ts";
import { ReplyCacheLoader } from "../../src/server/reply_cache_loader.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { RpcCode } from "../../src/wire/errors.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { writeReply } from "../../src/wire/reply.ts";
import { Counter } from "./counter.ts";

const bounds = { windowMs: 60_000, maxEntries: 3, maxBytes: 1_000 };
/** A request under an id, always the same one. */
const asked = (id: string, { digest = "d".repeat(22), topic = "commands_results" } = {}) =>
  originOf({ id, digest }, { topic, partition: 0, key: null });
const done = (size = 1): Outcome => ({
  ok: true,
  output: { bytes: new Uint8Array(size), contentType: "application/json" },
});

Deno.test("an answer is remembered", () => {
  const memory = new ReplyCache(bounds);
  const outcome = done();
  memory.remember(asked("a"), outcome);
  assertEquals(memory.recall(asked("a"))?.outcome, outcome);
});

Deno.test("the oldest answers are forgotten when there are too many", () => {
  const memory = new ReplyCache(bounds);
  for (const id of ["a", "b", "c", "d"]) memory.remember(asked(id), done());
  assertEquals([memory.recall(asked("a")), memory.size], [undefined, 3]);
});

Deno.test("the oldest answers are forgotten when they are too large", () => {
  const memory = new ReplyCache(bounds);
  memory.remember(asked("a"), done(600));
  memory.remember(asked("b"), done(600));
  assertEquals([memory.recall(asked("a")), memory.size], [undefined, 1]);
});

Deno.test("an answer is forgotten after the window", () => {
  const memory = new ReplyCache(bounds);
  memory.learn(entryOf(asked("a"), done(), { at: Date.now() - 61_000 })!);
  assertEquals(memory.recall(asked("a")), undefined);
});

for (const code of ["unavailable", "aborted", "resource_exhausted", "canceled"] as RpcCode[]) {
  Deno.test(`an answer that may be another the next time is not remembered: ${code}`, () => {
    const memory = new ReplyCache(bounds);
    memory.remember(asked("a"), failedOutcome(code, "x"));
    assertEquals(memory.recall(asked("a")), undefined);
  });
}

Deno.test("a failure of the command's own is remembered", () => {
  const memory = new ReplyCache(bounds);
  memory.remember(asked("a"), failedOutcome("not_found", "x"));
  assert(memory.recall(asked("a")) !== undefined);
});

Deno.test("answers that were read before a reading failed are remembered", async () => {
  const broker = new MemoryBroker();
  const key = new TextEncoder().encode("a");
  const topic = "results";
  broker.createTopic(topic);
  broker.append(
    writeReply({ topic, key, id: "a", digest: asked("a").digest }, done(), { server: "s" }),
  );
  const transport = broker.transport();
  const readTail = transport.readTail.bind(transport);
  transport.readTail = async (options) => {
    await readTail(options);
    throw new Error("the next partition has no leader");
  };
  const memory = new ReplyCache(bounds);
  const options = { server: "this", topics: [topic], settings: bounds, logger: silentLogger };
  const tail = new ReplyCacheLoader(memory, transport, options);
  tail.load();
  await tail.loading;
  assert(memory.recall(asked("a", { topic: "results" })) !== undefined);
});

Deno.test("answers that may be others the next time push no answer out while a topic is read", async () => {
  const broker = new MemoryBroker();
  const key = new TextEncoder().encode("a");
  const topic = "results";
  broker.createTopic(topic);
  const append = (id: string, outcome: Outcome) => {
    const address = { topic, key, id, digest: asked(id).digest };
    broker.append(writeReply(address, outcome, { server: "s" }));
  };
  append("a", done());
  for (const id of ["b", "c"]) append(id, failedOutcome("unavailable", "x"));
  const settings = { ...bounds, maxEntries: 1 };
  const memory = new ReplyCache(settings);
  const transport = broker.transport();
  const readTail = transport.readTail.bind(transport);
  transport.readTail = (options) => readTail({ ...options, maxRecords: 10 });
  const options = { server: "this", topics: [topic], settings, logger: silentLogger };
  const tail = new ReplyCacheLoader(memory, transport, options);
  tail.load();
  await tail.loading;
  assert(memory.recall(asked("a", { topic })) !== undefined);
});

/** Commands that count how often they ran. */
function counting() {
  const runs = { count: 0 };
  const gate = Promise.withResolvers<void>();
  const commands = {
    next: () => ++runs.count,
    gated: async () => {
      runs.count++;
      await gate.promise;
      return runs.count;
    },
  };
  return { runs, gate, commands };
}

Deno.test("a request that comes again is answered with the first result", async () => {
  const { commands } = counting();
  await using counter = await Counter.open({ commands });
  counter.send("id1", "next");
  await counter.reply("id1");
  counter.send("id1", "next");
  const replies = await counter.replies.first(2);
  assertEquals(replies.map(({ value }) => value), [1, 1]);
});

Deno.test("a request that comes again while the first runs does not run", async () => {
  const { commands, gate, runs } = counting();
  await using counter = await Counter.open({ commands });
  counter.send("id1", "gated");
  counter.send("id1", "gated");
  counter.send("id2", "next");
  await counter.reply("id2");
  gate.resolve();
  await counter.replies.first(3);
  assertEquals(runs.count, 2);
});

Deno.test("a request that comes again runs again where nothing is remembered", async () => {
  const { commands } = counting();
  await using counter = await Counter.open({ commands, replyCache: false });
  counter.send("id1", "next");
  await counter.reply("id1");
  counter.send("id1", "next");
  const replies = await counter.replies.first(2);
  assertEquals(replies.map(({ value }) => value), [1, 2]);
});

Deno.test("another server knows what the first one answered", async () => {
  const { commands } = counting();
  await using counter = await Counter.open({ commands });
  counter.send("id1", "next");
  await counter.reply("id1");
  await counter.server.close();
  const transport = counter.broker.transport();
  await using _second = await serve({ commands, transport, logger: silentLogger });
  counter.send("id1", "next");
  const replies = await counter.replies.first(2);
  assertEquals(replies.map(({ value }) => value), [1, 1]);
});

Deno.test("an expression under a key that was used before is evaluated", async () => {
  await using counter = await Counter.open({ evaluate: true });
  counter.append({ key: "id1", value: "1 + 1" });
  await counter.replies.first(1);
  counter.append({ key: "id1", value: "2 + 2" });
  const replies = await counter.replies.first(2);
  assertEquals(replies.map(({ value }) => value), ["2", "4"]);
});
