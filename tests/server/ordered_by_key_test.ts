// Calls with a partition key, on a server that runs them in order.
import { assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Arrivals } from "../arrivals.ts";

const createTopics = { partitions: 1 };

/** A server whose command ends when the test lets it, and a client. */
async function sides(options: Partial<ServeOptions> = {}) {
  const opened = new AsyncDisposableStack();
  const broker = new MemoryBroker();
  const began = new Arrivals<number>();
  const gates = new Map<number, PromiseWithResolvers<void>>();
  const gate = (n: number) => {
    const made = gates.get(n) ?? Promise.withResolvers<void>();
    gates.set(n, made);
    return made;
  };
  const commands = {
    step: async (n: number) => {
      began.push(n);
      await gate(n).promise;
      if (n < 0) throw new RpcError("out_of_range", "negative");
      return n;
    },
  };
  const given = { commands, orderedByKey: true, logger, createTopics, ...options };
  opened.use(await serve({ ...given, transport: broker.transport() }));
  const client = opened.use(await connect({ createTopics, transport: broker.transport() }));
  const open = (n: number) => gate(n).resolve();
  return { broker, began, client, open, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const key = { partitionKey: "a" };

Deno.test("the record of a call has its partition key, and the id in a header", async () => {
  await using all = await sides();
  all.open(1);
  await all.client.call("step", 1, key);
  await all.client.call("step", 1, { ...key, idempotencyKey: "b" });
  const [first, second] = all.broker.partitions("commands")[0]!.records;
  const text = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes!);
  assertEquals([text(first?.key), text(second?.key)], ["a", "a"]);
  assertEquals(text(first?.headers.get("rpc-id")).length, 36);
});

Deno.test("calls with one key run in order, another key and none at the same time", async () => {
  await using all = await sides();
  const calls = [1, 2].map((n) => all.client.call("step", n, key));
  calls.push(all.client.call("step", 3, { partitionKey: "b" }), all.client.call("step", 4));
  const before = await all.began.first(3);
  [3, 4, 1].forEach(all.open);
  await all.began.first(4);
  all.open(2);
  assertEquals([before, await Promise.all(calls)], [[1, 3, 4], [1, 2, 3, 4]]);
});

Deno.test("without the option calls with one key run at the same time", async () => {
  await using all = await sides({ orderedByKey: false });
  const calls = [1, 2].map((n) => all.client.call("step", n, key));
  const before = await all.began.first(2);
  before.forEach(all.open);
  assertEquals([before, await Promise.all(calls)], [[1, 2], [1, 2]]);
});

Deno.test("a call that fails does not hold up the next one", async () => {
  await using all = await sides();
  const failing = assertRejects(() => all.client.call("step", -1, key), RpcError, "negative");
  const next = all.client.call("step", 2, key);
  [-1, 2].forEach(all.open);
  await failing;
  assertEquals(await next, 2);
});

Deno.test("a call that is canceled while it waits for the one before it never begins", async () => {
  await using all = await sides();
  const first = all.client.call("step", 1, key);
  const abort = new AbortController();
  const canceled = all.client.call("step", 2, { ...key, signal: abort.signal })
    .catch(() => "canceled");
  const last = all.client.call("step", 3, key);
  await all.began.first(1);
  abort.abort();
  await canceled;
  [1, 3].forEach(all.open);
  await Promise.all([first, last]);
  assertEquals(all.began.items, [1, 3]);
});

Deno.test("a call whose deadline passes while it waits never begins", async () => {
  await using all = await sides();
  const first = all.client.call("step", 1, key);
  await all.began.first(1);
  const late = assertRejects(() => all.client.call("step", 2, { ...key, timeoutMs: 20 }), RpcError);
  assertEquals((await late).code, "deadline_exceeded");
  const last = all.client.call("step", 3, key);
  [1, 3].forEach(all.open);
  await Promise.all([first, last]);
  assertEquals(all.began.items, [1, 3]);
});

Deno.test("a repeated call with a key is answered from the reply cache when its turn comes", async () => {
  await using all = await sides();
  const first = all.client.call("step", 1, key);
  await all.began.first(1);
  const [record] = all.broker.partitions("commands")[0]!.records;
  const headers = Object.fromEntries(record!.headers);
  all.broker.append({ topic: "commands", key: record!.key, value: record!.value, headers });
  const next = all.client.call("step", 2, key);
  [1, 2].forEach(all.open);
  await Promise.all([first, next]);
  assertEquals(all.began.items, [1, 2]);
});
