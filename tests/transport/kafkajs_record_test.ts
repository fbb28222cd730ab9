import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { incoming, outgoing } from "../../src/transport/kafkajs_record.ts";

const message = {
  offset: "9007199254740993",
  timestamp: "1700000000000",
  key: Buffer.from("k"),
  value: null,
};

Deno.test("an offset over 2^53 keeps its digits", () => {
  assertEquals(incoming("t", 1, message).offset, 9007199254740993n);
});

Deno.test("a message without headers has none", () => {
  assertEquals(incoming("t", 1, message).headers.size, 0);
});

Deno.test("of a repeated header the last one counts", () => {
  const headers = { x: [Buffer.from("1"), Buffer.from("2")] };
  assertEquals(String(incoming("t", 1, { ...message, headers }).headers.get("x")), "2");
});

Deno.test("a header without a value is not there", () => {
  assertEquals(incoming("t", 1, { ...message, headers: { x: undefined } }).headers.size, 0);
});

Deno.test("a tombstone stays null", () => {
  assertEquals(incoming("t", 1, message).value, null);
});

const record = { topic: "t", key: null, value: null, headers: { x: "1" } };

Deno.test("a null key and value are produced as null", () => {
  const { key, value } = outgoing(record);
  assertEquals([key, value], [null, null]);
});

Deno.test("no partition is produced where none is named", () => {
  assertEquals("partition" in outgoing(record), false);
});

Deno.test("partition 0 is produced where it is named", () => {
  assertEquals(outgoing({ ...record, partition: 0 }).partition, 0);
});

Deno.test("a view of a part of a buffer is produced as that part", () => {
  const value = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
  assertEquals([...outgoing({ ...record, value }).value as Uint8Array], [2, 3]);
});

Deno.test("zero bytes are produced as zero bytes, not as a tombstone", () => {
  assertEquals(outgoing({ ...record, value: new Uint8Array(0) }).value?.length, 0);
});
