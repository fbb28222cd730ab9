// What the memory broker offers beyond the interface of a transport; the rest is in conformance.ts.
import { assertEquals, assertThrows } from "@std/assert";
import { MemoryBroker } from "../../src/transport/memory.ts";
import { RpcError } from "../../src/wire/errors.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a topic has one partition where nothing else is said", () => {
  const broker = new MemoryBroker();
  broker.createTopic("t");
  assertEquals(broker.partitions("t").length, 1);
});

Deno.test("a topic that is there keeps its partitions", () => {
  const broker = new MemoryBroker();
  broker.createTopic("t", 3);
  broker.createTopic("t", 5);
  assertEquals(broker.partitions("t").length, 3);
});

Deno.test("a topic that is not there is refused, with the call that makes it", () => {
  assertThrows(() => new MemoryBroker().partitions("t"), RpcError, 'createTopic("t")');
});

Deno.test("append() gives the offset", () => {
  const broker = new MemoryBroker();
  broker.createTopic("t");
  broker.append({ topic: "t", key: null, value: null });
  assertEquals(broker.append({ topic: "t", key: null, value: null }), 1n);
});

Deno.test("append() takes headers that are bytes", () => {
  const broker = new MemoryBroker();
  broker.createTopic("t");
  broker.append({ topic: "t", key: null, value: null, headers: { x: Uint8Array.of(255) } });
  assertEquals(broker.partitions("t")[0]!.records[0]!.headers.get("x"), Uint8Array.of(255));
});

Deno.test("append() refuses a partition that is not there", () => {
  const broker = new MemoryBroker();
  broker.createTopic("t", 2);
  const record = { topic: "t", partition: 2, key: null, value: null };
  assertThrows(() => broker.append(record), RpcError, "t[2]: it has 2 partitions");
});

Deno.test("records of one key go to one partition", () => {
  const broker = new MemoryBroker();
  broker.createTopic("t", 8);
  for (let i = 0; i < 10; i++) broker.append({ topic: "t", key: bytes("same"), value: null });
  const used = broker.partitions("t").filter(({ records }) => records.length > 0);
  assertEquals(used.length, 1);
});

Deno.test("records without a key go round", () => {
  const broker = new MemoryBroker();
  broker.createTopic("t", 3);
  for (let i = 0; i < 6; i++) broker.append({ topic: "t", key: null, value: null });
  assertEquals(broker.partitions("t").map(({ records }) => records.length), [2, 2, 2]);
});
