import { assertEquals } from "@std/assert";
import { LineBudget, OutputLines } from "../../src/executor/output_lines.ts";
import { withClock } from "../clock.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Takes output while a clock stands, or moves as the test says. */
function take(write: (output: OutputLines, clock: { now: number }) => void): string[] {
  const lines: string[] = [];
  withClock((clock) => write(new OutputLines((line) => lines.push(line), new LineBudget()), clock));
  return lines;
}

Deno.test("output is cut into lines, wherever its chunks end", () => {
  const lines = take((output) => {
    for (const chunk of ["a\nb", "c\n\n", "d"]) output.write(bytes(chunk));
    output.close();
  });
  assertEquals(lines, ["a", "bc", "", "d"]);
});

Deno.test("the unfinished line of a command does not go on with the next one's", () => {
  const lines = take((output) => {
    output.write(bytes("first"));
    output.flush();
    output.write(bytes("second\n"));
  });
  assertEquals(lines, ["first", "second"]);
});

Deno.test("a line is cut at 1 KiB", () => {
  const [line] = take((output) => output.write(bytes("x".repeat(5_000) + "\n")));
  assertEquals(line, "x".repeat(1_024) + "…");
});

Deno.test("a line that is cut goes on at the next newline, in whatever chunk", () => {
  const lines = take((output) => {
    for (const chunk of ["x".repeat(2_000), "x".repeat(2_000), "x\nnext\n"]) {
      output.write(bytes(chunk));
    }
  });
  assertEquals(lines, ["x".repeat(1_024) + "…", "next"]);
});

Deno.test("a flood is cut at 50 lines a second, however many commands of a sandbox make it", () => {
  const lines = take((output) => {
    for (let command = 0; command < 150; command++) {
      output.write(bytes("line\n"));
      output.flush();
    }
    output.close();
  });
  assertEquals([lines.length, lines.at(-1)], [51, "… 500 more bytes were dropped"]);
});

Deno.test("the next second has room again, and reports what had none", () => {
  const lines = take((output, clock) => {
    output.write(bytes("line\n".repeat(51)));
    clock.now = 1_000;
    output.write(bytes("later\n"));
  });
  assertEquals(lines.slice(-2), ["… 4 more bytes were dropped", "later"]);
});

Deno.test("what had no room is not told as that of the next command", () => {
  const earlier: string[] = [];
  const log = (line: string, isEarlier: boolean) => void (isEarlier && earlier.push(line));
  withClock((clock) => {
    const output = new OutputLines(log, new LineBudget());
    output.write(bytes("line\n".repeat(51)));
    output.flush();
    clock.now = 1_000;
    output.write(bytes("of the next one\n"));
  });
  assertEquals(earlier, ["… 4 more bytes were dropped"]);
});

Deno.test("bytes that are no UTF-8 do not end the output", () => {
  const lines = take((output) => output.write(Uint8Array.of(0xff, 0x0a, 0x61, 0x0a)));
  assertEquals(lines, ["\ufffd", "a"]);
});

/** Lines that each of so many sandboxes gets where all flood, one after the other. */
function floods(sandboxes: number): number[] {
  const counts: number[] = Array(sandboxes).fill(0);
  withClock(() => {
    const budget = new LineBudget();
    counts.forEach((_, at) => {
      const output = new OutputLines(() => counts[at]!++, budget);
      output.write(bytes("line\n".repeat(500)));
    });
  });
  return counts;
}

Deno.test("sandboxes that share a budget share 200 lines a second", () => {
  assertEquals(floods(100).reduce((sum, count) => sum + count), 200);
});

Deno.test("ten sandboxes that flood leave lines to the next one", () => {
  const counts = floods(11);
  assertEquals([counts[0], counts[10]], [50, 3]);
});

const REPORT = `error: Uncaught (in worker "") Error: boom
throw new Error("boom");
      ^
    at blob:null/1:1:7
`;

Deno.test("the report of an uncaught error is one line", () => {
  const lines = take((output) => {
    output.write(bytes(`before\n${REPORT}after\n`));
    output.flush();
  });
  assertEquals(lines, ["before", REPORT.trimEnd(), "after"]);
});

Deno.test("a report at the end of the output is returned by its close", () => {
  const reports: unknown[] = [];
  const lines = take((output) => {
    output.write(bytes(`before\n${REPORT}`));
    reports.push(output.close());
  });
  assertEquals([lines, reports], [["before"], [REPORT.trimEnd()]]);
});

Deno.test("a report that a command makes up is cut at 12 lines", () => {
  const lines = take((output) => {
    output.write(bytes("error: Uncaught x\n" + " more\n".repeat(500)));
    output.flush();
  });
  assertEquals([lines.length, lines[0]?.split("\n").length], [1, 12]);
});

Deno.test("the tail is the latest output, also what was dropped", () => {
  const tails: string[] = [];
  take((output) => {
    output.write(bytes("line\n".repeat(200)));
    output.write(bytes("out of memory\n"));
    tails.push(output.tail.slice(-14), String(output.tail.length));
    output.write(bytes("x".repeat(5_000)));
    tails.push(output.tail);
    output.flush();
    tails.push(output.tail);
  });
  assertEquals(tails, ["out of memory\n", "1014", "x".repeat(4_096), ""]);
});

Deno.test("a line whose end was dropped is not glued to a later one", () => {
  const lines = take((output, clock) => {
    output.write(bytes("line\n".repeat(49)));
    output.write(bytes("line\nbegin"));
    output.write(bytes(" end\n"));
    clock.now = 1_000;
    output.write(bytes("later\n"));
  });
  assertEquals(lines.slice(-2), ["… 10 more bytes were dropped", "later"]);
});
