// What the memory broker offers beyond the interface of a transport; the rest is in conformance.ts.
import { assertEquals, assertThrows } from "@std/assert";
import { MemoryBroker, type MemoryRecord } from "../../../src/transport/memory/broker.ts";
import { RpcError } from "../../../src/wire/errors.ts";

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

Deno.test("append() encodes text", () => {
  const broker = new MemoryBroker();
  broker.createTopic("t");
  broker.append({ topic: "t", key: "id1", value: "1 + 1" });
  const [record] = broker.partitions("t")[0]!.records;
  const texts = [record?.key, record?.value].map((bytes) => new TextDecoder().decode(bytes!));
  assertEquals(texts, ["id1", "1 + 1"]);
});

const WRONG: [unknown, string][] = [
  [null, "the options of a record: they are null"],
  [
    { topic: "t", key: null, val: null },
    "`val`: a record has no option of this name. Did you mean",
  ],
  [
    { topic: "t", key: 1, value: null },
    "`key`: it is a number. Give null, a string or a Uint8Array",
  ],
  [{ topic: "t", value: null }, "`key`: it is missing. Give null, a string or a Uint8Array"],
  [{ key: null, value: null }, "`topic`: it is missing"],
  [{ topic: "t", partition: -1, key: null, value: null }, "`partition`: it is -1. Give a whole"],
  [{ topic: "t", key: null, value: null, headers: { a: 5 } }, "`headers.a`: it is a number."],
  [{ topic: "t", key: null, value: null, headers: new Map() }, "`headers`: it is no plain object"],
];
for (const [record, text] of WRONG) {
  Deno.test(`append() refuses ${Deno.inspect(record)}`, () => {
    const broker = new MemoryBroker();
    broker.createTopic("t");
    assertThrows(() => broker.append(record as MemoryRecord), RpcError, text);
  });
}

for (
  const [topic, partitions] of [["a b", 1], ["t", 0], ["t", NaN], ["t", "2" as never]] as const
) {
  Deno.test(`createTopic() refuses ${topic} with ${Deno.inspect(partitions)} partitions`, () => {
    assertThrows(() => new MemoryBroker().createTopic(topic, partitions), RpcError, "Cannot use");
  });
}
