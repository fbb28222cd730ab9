// Which batches a search does not have to decode.
import { assertEquals } from "@std/assert";
import { BatchSearch } from "../../../../src/transport/kafka/batches/search.ts";
import { PACK, packedBatch } from "./packed.ts";
import { batch, concat, record, valued } from "./written.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const isPassed = (sought: string, bytes: Uint8Array) =>
  new BatchSearch(utf8(sought)).headerWithout(bytes) !== undefined;

const keyed = batch([record({ key: "order-6" }), record({ key: "order-7", offsetDelta: 1 })]);

Deno.test("a batch that has the bytes is decoded, one that does not is passed", () => {
  assertEquals([isPassed("order-7", keyed), isPassed("order-8", keyed)], [false, true]);
});

Deno.test("bytes are found wherever they begin, also behind some that are like them", () => {
  const ids = ["a", "ab", "aab", "abcabd", "x".repeat(300)];
  const texts = ids.map((id) => `${"abc".repeat(5)}${id}`);
  const passed = texts.map((text, index) => isPassed(ids[index]!, batch(valued(text))));
  assertEquals(passed, ids.map(() => false));
});

Deno.test("bytes of the batch behind, which is cut, do not count", () => {
  const cut = concat([batch(valued("here")), batch(valued("there"), { baseOffset: 1n })]);
  const bytes = cut.subarray(0, cut.length - 1);
  assertEquals([isPassed("there", bytes), isPassed("here", bytes)], [true, false]);
});

Deno.test("a compressed batch is decoded: its bytes say nothing", () => {
  const bytes = packedBatch("gzip", PACK.gzip(record({ key: "order-7" })));
  assertEquals([isPassed("order-7", bytes), isPassed("order-8", bytes)], [false, false]);
});

Deno.test("what is no batch is left to the decoder", () => {
  assertEquals(isPassed("order-8", new Uint8Array(5)), false);
});

Deno.test("the header of a batch that is passed says where to go on", () => {
  const { lastOffset, count } = new BatchSearch(utf8("order-8")).headerWithout(keyed)!;
  assertEquals([lastOffset, count], [1n, 2]);
});
