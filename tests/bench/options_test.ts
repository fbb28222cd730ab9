import { assertEquals, assertThrows } from "@std/assert";
import { readOptions, RESULTS_FOLDER, UsageError } from "../../bench/options.ts";

const KNOWN = ["loops", "open", "sandboxes"];

Deno.test("without arguments the bench runs every section, in full", () => {
  const expected = { only: KNOWN, quick: false, out: RESULTS_FOLDER, render: false };
  assertEquals(readOptions([], KNOWN), expected);
});

Deno.test("the bench runs the sections that --only names", () => {
  assertEquals(readOptions(["--only", "open, loops"], KNOWN).only, ["open", "loops"]);
});

const REFUSED: readonly [why: string, args: string[], text: string][] = [
  ["a misspelt option", ["--quik"], "Did you mean `--quick`?"],
  ["a misspelt section", ["--only", "loop"], "Did you mean `loops`?"],
  ["an unlike section", ["--only", "xyzzy"], "There are loops, open, sandboxes."],
  ["an empty list of sections", ["--only", ""], "There are loops, open, sandboxes."],
  ["a name without --only", ["loops"], "Write --only loops"],
  ["an option without its value", ["--out"], "Cannot use these arguments"],
  ["a value for a flag", ["--quick=no"], "Cannot use these arguments"],
];

for (const [why, args, text] of REFUSED) {
  Deno.test(`the bench refuses ${why}, and says what to do`, () => {
    assertThrows(() => readOptions(args, KNOWN), UsageError, text);
  });
}
