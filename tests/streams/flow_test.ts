// Back-pressure: how far a generator gets ahead of the loop that takes its values.
import { assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { all, Hall, turns } from "./hall.ts";

/** A stream of `value`s, and how many it was asked for. */
function counted(value: unknown) {
  const made = { values: 0 };
  async function* make() {
    for (;;) {
      made.values++;
      yield value;
    }
  }
  return { made, make };
}

Deno.test("a generator is not resumed while `window` values wait for the loop", async () => {
  await using hall = new Hall();
  const { made, make } = counted(1);
  const client = await hall.both({ make });
  await using stream = client.stream("make", undefined, { window: 10 });
  await stream.next();
  await turns();
  assertEquals(made.values, 10);
});

Deno.test("it is resumed when half of the window is free", async () => {
  await using hall = new Hall();
  const { made, make } = counted(1);
  const client = await hall.both({ make });
  await using stream = client.stream("make", undefined, { window: 10 });
  for (let taken = 0; taken < 6; taken++) await stream.next();
  await turns();
  assertEquals(made.values, 15);
});

Deno.test("a generator is not resumed while `windowBytes` wait for the loop", async () => {
  await using hall = new Hall();
  const { made, make } = counted(new Uint8Array(1_000));
  const client = await hall.both({ make });
  await using stream = client.stream("make", undefined, { windowBytes: 3_500 });
  await stream.next();
  await turns();
  assertEquals(made.values, 4);
});

Deno.test("a value larger than `windowBytes` comes all the same", async () => {
  await using hall = new Hall();
  const client = await hall.both({
    async *large() {
      yield* [new Uint8Array(1_000), new Uint8Array(2_000), new Uint8Array(3_000)];
    },
  });
  const values = await all(client.stream("large", undefined, { windowBytes: 10 }));
  assertEquals(values.map((bytes) => (bytes as Uint8Array).length), [1_000, 2_000, 3_000]);
});

Deno.test("a window of one value works, one step after the other", async () => {
  await using hall = new Hall();
  const client = await hall.both({
    async *count() {
      for (let n = 0; n < 50; n++) yield n;
    },
  });
  assertEquals((await all(client.stream("count", undefined, { window: 1 }))).length, 50);
});

Deno.test("without a loop that takes values a stream holds no more than its window", async () => {
  await using hall = new Hall();
  const { made, make } = counted("x".repeat(100));
  const client = await hall.both({ make });
  await using stream = client.stream("make");
  await stream.next();
  await turns(200);
  const frames = hall.records("commands_results").length;
  assertEquals([made.values, frames], [1_024, 1_024]);
});

Deno.test("values of a buffer that is used again come as they were", async () => {
  await using hall = new Hall();
  const client = await hall.both({
    async *same() {
      const buffer = new Uint8Array(1);
      for (let n = 0; n < 100; n++) yield buffer.fill(n);
    },
  });
  const values = await all(client.stream("same"));
  assertEquals(values.map((bytes) => (bytes as Uint8Array)[0]), values.map((_, n) => n));
});

Deno.test("a custom async iterator is a stream too, and is left by its `return`", async () => {
  await using hall = new Hall();
  let next = 0;
  const iterator = {
    [Symbol.asyncIterator]: () => iterator,
    next: () => Promise.resolve({ done: false, value: next++ }),
    return: () => {
      hall.said.push("returned");
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  const client = await hall.both({ own: () => iterator });
  for await (const value of client.stream("own")) if (value === 2) break;
  assertEquals(await hall.said.at(0), "returned");
});

Deno.test("a stream whose caller may not say how much it takes ends with the reason", async () => {
  await using hall = new Hall();
  const { make } = counted(1);
  await hall.serve({ commands: { make }, drainTimeoutMs: 1 });
  const transport = hall.broker.transport();
  const produce = transport.produce.bind(transport);
  transport.produce = (record, signal) =>
    record.topic === "commands_control"
      ? Promise.reject(new RpcError("permission_denied", "no right to write"))
      : produce(record, signal);
  await using client = await connect({ transport });
  const values = all(client.stream("make", undefined, { window: 4 }));
  const { code, stage } = await assertRejects(() => values, RpcError, "no right to write");
  assertEquals([code, stage], ["permission_denied", "send"]);
});
