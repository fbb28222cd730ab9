// Which partition of the results topic a client reads.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { resultsPartition } from "../../src/client/results_partition.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { RecentRecordsOptions } from "../../src/transport/transport.ts";

const COUNT = 8;
const options = { topic: "results", count: COUNT, logger: silentLogger };

/** A broker with so many records on each partition. */
function loaded(load: (partition: number) => number) {
  const broker = new MemoryBroker();
  broker.createTopic("results", COUNT);
  for (let partition = 0; partition < COUNT; partition++) {
    for (let index = 0; index < load(partition); index++) {
      broker.append({ topic: "results", partition, key: null, value: null, headers: {} });
    }
  }
  return broker.transport();
}

Deno.test("of two partitions the one with fewer records is read", async () => {
  const transport = loaded((partition) => partition);
  const recent = transport.recentRecords!.bind(transport);
  const looks: (readonly number[])[] = [];
  transport.recentRecords = (asked) => {
    looks.push(asked.partitions);
    return recent(asked);
  };
  const chosen: number[] = [];
  for (let client = 0; client < 100; client++) {
    chosen.push(await resultsPartition(transport, options));
  }
  assertEquals(chosen, looks.map((pair) => Math.min(...pair)));
});

Deno.test("the two partitions that are looked at are never the same one", async () => {
  const transport = loaded(() => 0);
  const looks: RecentRecordsOptions[] = [];
  transport.recentRecords = (asked) => {
    looks.push(asked);
    return Promise.resolve([0, 0]);
  };
  for (let client = 0; client < 200; client++) await resultsPartition(transport, options);
  assert(looks.every(({ partitions: [one, other] }) => one !== other));
});

Deno.test("clients that see the same figures spread over most partitions", async () => {
  const transport = loaded((partition) => partition);
  const chosen = new Set<number>();
  for (let client = 0; client < 400; client++) {
    chosen.add(await resultsPartition(transport, options));
  }
  // All but the one with the most records, which every other is better than.
  assertEquals([...chosen].sort(), [0, 1, 2, 3, 4, 5, 6]);
});

Deno.test("without load a partition is taken by chance", async () => {
  const transport = loaded(() => 0);
  const chosen = new Set<number>();
  for (let client = 0; client < 400; client++) {
    chosen.add(await resultsPartition(transport, options));
  }
  assertEquals(chosen.size, COUNT);
});

Deno.test("a load that cannot be found out leaves a partition by chance", async () => {
  const transport = loaded(() => 0);
  transport.recentRecords = () => Promise.reject(new Error("no answer"));
  const partition = await resultsPartition(transport, options);
  assert(partition >= 0 && partition < COUNT);
});

Deno.test("a transport that knows no load leaves a partition by chance", async () => {
  const { recentRecords: _, ...transport } = loaded(() => 0);
  const partition = await resultsPartition(transport as never, options);
  assert(partition >= 0 && partition < COUNT);
});

Deno.test("a topic of one partition is not asked about", async () => {
  const transport = loaded(() => 0);
  transport.recentRecords = () => Promise.reject(new TypeError("asked"));
  assertEquals(await resultsPartition(transport, { ...options, count: 1 }), 0);
});

Deno.test("a signal that aborts ends the choice with its reason", async () => {
  const transport = loaded(() => 0);
  const controller = new AbortController();
  transport.recentRecords = ({ signal }) => {
    controller.abort(new TypeError("stop"));
    return Promise.reject(signal?.reason);
  };
  const { signal } = controller;
  await assertRejects(() => resultsPartition(transport, { ...options, signal }), TypeError, "stop");
});
