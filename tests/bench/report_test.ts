// What is computed from the samples of a run, and where it is written.
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { roundsOf } from "../../bench/lanes/rounds.ts";
import { Latencies } from "../../bench/measuring/latencies.ts";
import { ratioOf } from "../../bench/measuring/statistics.ts";
import { goalsOf } from "../../bench/report/goals.ts";
import { placeOf, plot } from "../../bench/report/plot.ts";
import { markdownOf, replaceBetween } from "../../bench/report/render.ts";
import { LINES, speedOf } from "../../bench/report/readme.ts";
import type { Results, Row, Table } from "../../bench/report/results.ts";
import { tailRow } from "../../bench/sections/tools.ts";
import { show } from "../../bench/report/text.ts";

const ROWS: Row[] = [
  { name: "raw loop (kafkajs)", samples: { burst: [10_000, 30_000, 20_000], median: [1] } },
  { name: "in process (kafkajs)", samples: { burst: [8_000, 9_000, 12_000], median: [1.5] } },
];
const TABLE: Table = { section: "loops", title: "One process", rows: ROWS };
const RESULTS: Results = {
  task: "bench",
  command: "deno task bench --only loops",
  date: "2026-11-27T10:50:00.000Z",
  versions: { Deno: "2.9.6", Kafka: "4.3.1" },
  machine: { cpu: "A <CPU> & more", cores: 2, system: "Linux" },
  seconds: 60,
  tables: [TABLE],
  goals: goalsOf([TABLE]),
  skipped: ["Spring was left out: there is no mvn."],
};

Deno.test("a ratio is taken between neighbours of one round", () => {
  assertEquals(ratioOf([8, 9, 12], [10, 30, 20]), 0.6);
});

Deno.test("a goal has the median of the rounds' ratios, and whether it was reached", () => {
  const [burst, median] = goalsOf([TABLE]);
  assertEquals([burst?.measured, burst?.goal, burst?.reached], ["0.600", "≥ 0.600", true]);
  assertEquals([median?.measured, median?.goal, median?.reached], ["1.50", "≤ 1.15", false]);
});

Deno.test("goals that a run did not measure are left out", () => {
  assertEquals(goalsOf([{ ...TABLE, section: "open" }]), []);
  assertEquals(goalsOf([TABLE]).length, 2);
});

Deno.test("a tail keeps up with the highest rate of calls that it shows within a second", () => {
  const rowOf = (rate: number, behind: number, shown = 100): Row => {
    return { name: tailRow(rate), samples: { got: [rate - 1], shown: [shown], behind: [behind] } };
  };
  const measured = (...rows: Row[]) =>
    goalsOf([{ section: "tools", title: "Tail", rows }]).map(({ measured }) => measured);
  const late = rowOf(5_000, 1_001);
  assertEquals(measured(rowOf(1_000, 3), rowOf(2_500, 999), late), ["2 500 /s"]);
  assertEquals(measured(rowOf(1_000, 3), rowOf(2_500, 0, 99.9), late), ["1 000 /s"]);
  assertEquals(measured(late), ["0 /s"]);
  assertEquals(
    measured({ ...rowOf(5_000, 0), samples: { got: [3_000], shown: [100], behind: [0] } }),
    [
      "3 000 /s",
    ],
  );
});

Deno.test("a percentile of latencies is exact to three digits", () => {
  const latencies = new Latencies().add(Array.from({ length: 1_000 }, (_, at) => at + 1));
  assertEquals([50, 99].map((at) => Math.round(latencies.at(at))), [500, 990]);
});

Deno.test("a curve of latencies ends where too few are left to tell", () => {
  const latencies = new Latencies().add(Array.from({ length: 200 }, () => 1));
  assertEquals(latencies.curve().at(-1)?.[0], 99.5);
});

Deno.test("figures are shown with three digits that count", () => {
  const shown = [0.0123, 0.317, 1.5, 12.34, 123.4, 12_345, NaN].map(show);
  assertEquals(shown, ["0.012", "0.317", "1.50", "12.3", "123", "12 345", "–"]);
});

Deno.test("the rendered text has date, versions, machine, command, figures and what was left out", () => {
  const text = markdownOf(RESULTS, "picture.svg");
  const wanted = [
    "2026-11-27 10:50 UTC by `deno task bench --only loops`",
    "Deno 2.9.6, Kafka 4.3.1",
    "A <CPU> & more, 2 cores",
    "Spring was left out: there is no mvn.",
    "](picture.svg)",
  ];
  for (const part of wanted) assertStringIncludes(text, part);
  assertMatch(text, /\| in process \(kafkajs\) +\| +1\.50 \| +9 000 \|/);
});

Deno.test("rendering replaces what stands between the markers of its task, and nothing else", () => {
  const text = "a\n<!-- begin bench -->\nold\n<!-- end bench -->\nb\n";
  const expected = "a\n<!-- begin bench -->\n\nnew\n\n<!-- end bench -->\nb\n";
  assertEquals(replaceBetween(text, "bench", "new"), expected);
  assertEquals(replaceBetween(expected, "bench", "new"), expected);
});

Deno.test("rendering refuses a text without the markers of its task", () => {
  assertThrows(() => replaceBetween("text", "bench", "new"), Error, "<!-- begin bench -->");
});

Deno.test("the plot is XML whatever the processor is called", () => {
  const picture = plot(RESULTS);
  assertStringIncludes(picture, "A &lt;CPU&gt; &amp; more");
  assertEquals(picture.match(/<rect /g)?.length, 5); // the ground, and two bars in two panels
});

Deno.test("each nine of a percentile has as much of the axis", () => {
  const places = [0, 90, 99, 99.9].map((percentile) => placeOf(percentile).toFixed(2));
  assertEquals(places.map((place) => Math.abs(Number(place))), [0, 0.25, 0.5, 0.75]);
});

Deno.test("the lines for README are left out where a run has not measured all of them", () => {
  assertEquals(speedOf(RESULTS), undefined);
});

Deno.test("README's figures are those of the run in docs/performance.md", async () => {
  const [readme, document] = await Promise.all(
    ["README.md", "docs/performance.md"].map((path) => Deno.readTextFile(path)),
  );
  const figures = document!.slice(document!.indexOf("<!-- begin bench -->"));
  const cells = (line: string | undefined) => line?.split("|").map((cell) => cell.trim()) ?? [];
  for (const [title, contestant] of LINES) {
    const line = (text: string, name: string) =>
      cells(text.split("\n").find((line) => line.startsWith(`| ${name} `)));
    const [, , median, hundred, burst] = line(readme!, title);
    const [, , , documentMedian, , documentHundred, documentBurst] = line(figures, contestant);
    const expected = [`${documentMedian} ms`, `${documentHundred} s`, `${documentBurst} a second`];
    assertEquals([median, hundred, burst], expected);
  }
});

Deno.test("a row says its linger and acks where its table compares them", () => {
  const rows = [{ ...ROWS[0]!, settings: "linger 0, acks 1" }, ROWS[1]!];
  const text = markdownOf({ ...RESULTS, tables: [{ ...TABLE, rows }] }, "picture.svg");
  assertMatch(text, /\| raw loop \(kafkajs\) +\| linger 0, acks 1 \| +1 \|/);
});

Deno.test("the figures of one round are titled as one round", () => {
  assertEquals([roundsOf(1, 2, 2_000), roundsOf(3, 4, 10_000)], [
    "1 round of 2 × 100 calls, then 2 000 at once",
    "3 rounds of 4 × 100 calls, then 10 000 at once",
  ]);
});
