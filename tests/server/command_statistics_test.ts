// What a server counts of each command.
import { assertEquals } from "@std/assert";
import { CommandStatistics } from "../../src/server/command_statistics.ts";
import { failedOutcome } from "../../src/wire/failure.ts";

const statistics = () => new CommandStatistics(["add", "eval"], (name) => name === "eval");

Deno.test("runs are counted by how long they took, bounds included", () => {
  const all = statistics();
  const add = all.of("add")!;
  for (const ms of [0, 1, 1.5, 70_000]) {
    add.begins();
    add.ran(ms);
  }
  const { durations: { counts, boundsMs, sumMs } } = all.stats[0]!;
  const last = boundsMs.length;
  assertEquals([counts[0], counts[1], counts[last], sumMs], [2, 1, 1, 70_003]);
});

Deno.test("what runs is counted until it has run", () => {
  const all = statistics();
  all.of("add")!.begins();
  const before = all.stats[0]!.running;
  all.of("add")!.ran(1);
  assertEquals([before, all.stats[0]!.running], [1, 0]);
});

Deno.test("of an expression that failed there is the code only", () => {
  const all = statistics();
  all.of("eval")!.ended(failedOutcome("unknown", "secret is not defined"));
  const { code, message } = all.stats[1]!.lastError!;
  assertEquals([code, message], ["unknown", ""]);
});

Deno.test("a command that is not offered is not counted: there is no end to such names", () => {
  assertEquals(statistics().of("nothing"), undefined);
});
