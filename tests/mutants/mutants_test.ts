// Mutants follow the source: a text that has moved is noticed here, and not in the night.
import { assertEquals, assertThrows } from "@std/assert";
import { MUTANTS } from "./all.ts";
import { applied } from "./mutant.ts";

const ROOT = new URL("../../", import.meta.url);

for (const { name, edits, by } of MUTANTS) {
  Deno.test(`the cure that the mutant "${name}" takes out stands in the source, once`, async () => {
    for (const edit of edits) {
      const source = await Deno.readTextFile(new URL(edit.file, ROOT));
      applied(source, edit, name);
    }
  });

  if (!(by instanceof Array)) continue;
  Deno.test(`the tests that must notice the mutant "${name}" are there`, async () => {
    for (const file of by) await Deno.stat(new URL(file, ROOT));
  });
}

Deno.test("each mutant has a name of its own", () => {
  assertEquals(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
});

for (const [what, source] of [["missing", "a"], ["there twice", "cure cure"]]) {
  Deno.test(`a cure that is ${what} is refused by the name of its mutant`, () => {
    const edit = { file: "src/a.ts", find: "cure", replace: "" };
    assertThrows(() => applied(source!, edit, "no cure"), Error, 'the mutant "no cure"');
  });
}
