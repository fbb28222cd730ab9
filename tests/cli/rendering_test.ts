// What an operator sees, at 80 and at 200 columns.
import { assertEquals } from "@std/assert";
import { jsonLines } from "../../src/cli/json_lines.ts";
import { doctor } from "../../src/cli/doctor/doctor.ts";
import { writeCheck } from "../../src/cli/doctor/report.ts";
import { commandHelp } from "../../src/cli/help.ts";
import { duration, grouped, table } from "../../src/cli/layout.ts";
import { KeptSink } from "./sink.ts";

const CHECK = {
  name: "topic commands",
  status: "warning",
  says: "4 partitions, 1 replica, kept 7 d, max 1048588 B; one replica on 3 brokers",
  advice: "Move it to two or more replicas.",
} as const;

function shown(columns: number | undefined, { colours = false } = {}): string {
  const sink = new KeptSink(columns, { colours });
  writeCheck(CHECK, sink.output(), 24);
  return sink.text;
}

Deno.test("at 80 columns a finding goes on below where it began", () => {
  assertEquals(
    shown(80),
    `! topic commands        4 partitions, 1 replica, kept 7 d, max 1048588 B; one
                        replica on 3 brokers
                        → Move it to two or more replicas.
`,
  );
});

Deno.test("at 200 columns a finding is one line", () => {
  assertEquals(
    shown(200),
    `! topic commands        4 partitions, 1 replica, kept 7 d, max 1048588 B; one replica on 3 brokers
                        → Move it to two or more replicas.
`,
  );
});

Deno.test("a terminal that wants colours gets them", () => {
  assertEquals(shown(80, { colours: true }).startsWith("\u001b[33m!\u001b[0m topic"), true);
});

Deno.test("no line of a help is longer than the terminal", () => {
  const longest = commandHelp(doctor, 80).split("\n").map(({ length }) => length);
  assertEquals(Math.max(...longest) <= 80, true);
});

Deno.test("what others wrote is not obeyed by the terminal", () => {
  const sink = new KeptSink(80, { colours: true });
  assertEquals(sink.output().paint("a\u001b[2Jb"), "a\\u001b[2Jb");
});

Deno.test("a table cuts the columns that may be cut", () => {
  const columns = [{ title: "id" }, { title: "text", shrinks: true }, {
    title: "ms",
    align: "right",
  }] as const;
  const rows = [["1", "a long text that does not fit", "12"], ["2", "b", "3"]];
  assertEquals(table(columns, rows, 20), [
    "id  text          ms",
    "1   a long text…  12",
    "2   b              3",
  ]);
});

Deno.test("numbers are read in groups of three", () => {
  assertEquals([grouped(999), grouped(1_048_588)], ["999", "1 048 588"]);
});

for (
  const [ms, text] of [[0.42, "0.4 ms"], [12.3, "12 ms"], [1_500, "1.5 s"], [
    604_800_000,
    "7 d",
  ]] as const
) {
  Deno.test(`${ms} ms are written as ${text}`, () => assertEquals(duration(ms), text));
}

const SCHEMA = { type: "object", properties: { a: { type: "number" } }, required: ["a"], any: {} };

Deno.test("JSON that fits into a line stands in one", () => {
  const text =
    '{ "type": "object", "properties": { "a": { "type": "number" } }, "required": ["a"], ';
  assertEquals(jsonLines(SCHEMA, 100), [`${text}"any": {} }`]);
});

Deno.test("JSON that is too long is broken where it must be", () => {
  assertEquals(jsonLines(SCHEMA, 40), [
    "{",
    '  "type": "object",',
    '  "properties": { "a": { "type": "number" } },',
    '  "required": ["a"],',
    '  "any": {}',
    "}",
  ]);
});

Deno.test("JSON in lines is the same JSON", () => {
  const value = { list: [1, "two", null, { deep: [true, [], {}] }], text: 'quo"te' };
  assertEquals(JSON.parse(jsonLines(value, 10).join("\n")), value);
});

Deno.test("a table has as many rows as there are", () => {
  const rows = Array.from({ length: 200_000 }, () => ["x"]);
  assertEquals(table([{ title: "name" }], rows, 80).length, 200_001);
});

Deno.test("what a terminal obeys is escaped in JSON, which says the same", () => {
  const sink = new KeptSink(80);
  const value = { "\u009b31m": "\u009b2J\u202e\u2028\n" };
  sink.output({ json: true }).value(value);
  assertEquals([JSON.parse(sink.text), /[^\P{C}\n]/u.test(sink.text)], [value, false]);
});
