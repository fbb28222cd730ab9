// The fields of requests, as the protocol has them.
import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../src/transport/kafka/byte_writer.ts";

const FIELDS: readonly (readonly [string, (writer: ByteWriter) => ByteWriter, number[]])[] = [
  ["a boolean", (writer) => writer.boolean(true), [1]],
  ["an integer of one byte", (writer) => writer.int8(-1), [255]],
  ["an integer of two bytes", (writer) => writer.int16(-2), [255, 254]],
  ["an integer of four bytes", (writer) => writer.int32(0x01020304), [1, 2, 3, 4]],
  ["a small varint", (writer) => writer.unsignedVarint(127), [127]],
  ["a varint of two bytes", (writer) => writer.unsignedVarint(300), [172, 2]],
  ["a text", (writer) => writer.string("é"), [0, 2, 195, 169]],
  ["a compact text", (writer) => writer.compactString("a"), [2, 97]],
  ["bytes", (writer) => writer.bytes(Uint8Array.of(7)), [0, 0, 0, 1, 7]],
  ["a list", (writer) => writer.array([5, 6], (one) => writer.int8(one)), [0, 0, 0, 2, 5, 6]],
];

for (const [name, write, expected] of FIELDS) {
  Deno.test(`${name} is written as the protocol has it`, () => {
    assertEquals([...write(new ByteWriter()).written], expected);
  });
}

Deno.test("what was written stays when the writer grows", () => {
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  const writer = new ByteWriter();
  for (const n of numbers) writer.bytes(Uint8Array.of(n));
  assertEquals([...writer.written], numbers.flatMap((n) => [0, 0, 0, 1, n]));
});
