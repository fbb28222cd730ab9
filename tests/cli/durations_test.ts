// Times of runs, in groups.
import { assertEquals } from "@std/assert";
import { quantile, since } from "../../src/cli/servers/durations.ts";
import { partitionsText, quantileText, rateText } from "../../src/cli/servers/text.ts";

const durations = (...counts: number[]) => ({ boundsMs: [10, 20], counts, sumMs: 100 });

Deno.test("a quantile lies between the bounds of its group, by its share of the runs", () => {
  assertEquals(quantile(0.5, [durations(0, 4, 0)]), { ms: 15, isOver: false });
});

Deno.test("a quantile above the last bound is only known to be over it", () => {
  assertEquals(quantileText(quantile(0.99, [durations(1, 0, 9)])), "> 20 ms");
});

Deno.test("a quantile of several servers is that of all their runs", () => {
  const all = [durations(6, 0, 0), durations(0, 4, 0)];
  assertEquals(quantile(0.8, all), { ms: 15, isOver: false });
});

Deno.test("runs of several servers in one group are spread over it together", () => {
  const all = [durations(0, 1, 0), durations(0, 1, 0)];
  assertEquals(quantile(0.5, all), { ms: 15, isOver: false });
});

Deno.test("without runs there is no quantile", () => {
  assertEquals(quantileText(quantile(0.5, [durations(0, 0, 0)])), "-");
});

Deno.test("what came since an earlier look is the difference", () => {
  assertEquals(since(durations(3, 5, 1), durations(1, 5, 0)).counts, [2, 0, 1]);
});

Deno.test("counters that went back began anew", () => {
  assertEquals(since(durations(1, 0, 0), durations(3, 5, 1)).counts, [1, 0, 0]);
});

const PARTITIONS: [number[], string][] = [
  [[], "none"],
  [[3], "3"],
  [[1, 0], "0, 1"],
  [[7, 0, 1, 2, 5], "0–2, 5, 7"],
];
for (const [partitions, text] of PARTITIONS) {
  Deno.test(`partitions ${JSON.stringify(partitions)} are written "${text}"`, () => {
    assertEquals(partitionsText(partitions), text);
  });
}

Deno.test("small rates have a decimal, large ones none", () => {
  assertEquals([0, 1.25, 99.94, 1234.5].map(rateText), ["0", "1.3", "99.9", "1235"]);
});
