// How many bytes a fetch asks for, by how long the answers before it took.
import { assertEquals } from "@std/assert";
import { FetchSize } from "../../../src/transport/kafka/fetch_size.ts";

const KB = 1_024;
const after = (...took: (number | "none")[]): number => {
  const size = new FetchSize();
  for (const ms of took) ms === "none" ? size.late() : size.answered(ms);
  return size.bytes;
};

Deno.test("the first fetch asks for half a megabyte", () => {
  assertEquals(after(), 512 * KB);
});

Deno.test("after an answer that came late, half as much is asked for", () => {
  assertEquals(after(1_001), 256 * KB);
});

Deno.test("after no answer at all, half as much is asked for", () => {
  assertEquals(after("none"), 256 * KB);
});

Deno.test("the amount shrinks to 64 KiB at the least", () => {
  assertEquals(after(...new Array<"none">(10).fill("none")), 64 * KB);
});

Deno.test("after an answer that came soon, twice as much is asked for, up to 4 MiB", () => {
  assertEquals([after(249), after(1, 1, 1, 1, 1)], [1_024 * KB, 4_096 * KB]);
});

Deno.test("an answer that took its time changes nothing", () => {
  assertEquals(after(250, 1_000), 512 * KB);
});

Deno.test("partitions share the amount, 64 KiB each at the least", () => {
  const size = new FetchSize();
  assertEquals([1, 4, 100].map((count) => size.shareOf(count)), [512 * KB, 128 * KB, 64 * KB]);
});
