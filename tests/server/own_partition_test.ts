import { assertEquals } from "@std/assert";
import { OwnPartition } from "../../src/server/own_partition.ts";
import { partitionOf } from "../../src/transport/murmur2.ts";
import { ManualClock } from "../manual_clock.ts";

const key = new TextEncoder().encode("id1");

/** A topic whose partitions grow. */
function topic(count: number) {
  const asked: string[] = [];
  const state = { count, asked };
  const partitionsOf = (topic: string) => {
    asked.push(topic);
    return Promise.resolve(state.count);
  };
  return { state, own: new OwnPartition("commands", { partitionsOf }) };
}

Deno.test("a record lies in its own partition where its key belongs, and nowhere else", async () => {
  using _clock = new ManualClock();
  const { own } = topic(3);
  const found = await Promise.all(
    [0, 1, 2].map((partition) => own.has({ topic: "commands", key, partition })),
  );
  assertEquals(found.indexOf(true), partitionOf(key, 3));
  assertEquals(found.filter(Boolean).length, 1);
});

Deno.test("a record without a key belongs to no partition of several", async () => {
  using _clock = new ManualClock();
  const found = [await topic(2).own.has({ topic: "commands", key: null, partition: 0 })];
  found.push(await topic(1).own.has({ topic: "commands", key: null, partition: 0 }));
  assertEquals(found, [false, true]);
});

Deno.test("partitions are counted once for a flood of copies", async () => {
  using _clock = new ManualClock();
  const { state, own } = topic(2);
  const partition = 1 - partitionOf(key, 2);
  for (let copy = 0; copy < 10; copy++) await own.has({ topic: "commands", key, partition });
  assertEquals(state.asked, ["commands"]);
});

Deno.test("after partitions were added, the former place counts until every client knows", async () => {
  using clock = new ManualClock();
  const { state, own } = topic(1);
  const partition = partitionOf(key, 7);
  const found = [await own.has({ topic: "commands", key, partition: 0 })];
  state.count = 7;
  await clock.advance(60_000);
  found.push(
    await own.has({ topic: "commands", key, partition }),
    await own.has({ topic: "commands", key, partition: 0 }),
  );
  await clock.advance(400_000);
  found.push(await own.has({ topic: "commands", key, partition: 0 }));
  assertEquals([partition === 0, ...found], [false, true, true, true, false]);
});
