// Lines and errors that docs/messages.md explains: what the source writes, in an order to search in.
import { assertEquals } from "@std/assert";
import { logCalls } from "./log_calls.ts";
import { readText, sources } from "./sources.ts";

const [, lines = "", errors = ""] = readText("docs/messages.md").split(/^## .*$/m);

/** Beginnings of the paragraphs, as a person reads them: words alone, in one line. */
function beginnings(section: string): string[] {
  return [...section.matchAll(/^\*\*([^]*?)\*\*/gm)]
    .map(([, text]) => text!.replaceAll(/\s+/g, " ").replace(/^[^a-z0-9]+/i, "").toLowerCase());
}

for (const [what, section] of [["lines of the log", lines], ["errors", errors]] as const) {
  Deno.test(`docs/messages.md has the ${what} in the order of the alphabet`, () => {
    const all = beginnings(section);
    assertEquals(all, all.toSorted());
  });
}

Deno.test("docs/messages.md explains every line of the log from `warn` on", () => {
  const explained = lines.replaceAll(/\s+/g, " ");
  const written = sources().flatMap((path) => logCalls(readText(path)))
    .filter(({ level }) => level === "warn" || level === "error" || level === "log")
    .flatMap(({ text }) => text ?? []);
  assertEquals(written.filter((text) => !explained.includes(text)), []);
});
