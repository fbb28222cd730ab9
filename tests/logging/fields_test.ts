// Field names of log lines: what docs/log.md lists, and what the source writes.
import { assertEquals } from "@std/assert";
import { logCalls, namesIn } from "./log_calls.ts";
import { readText, sources } from "./sources.ts";

const PLACE = ["topic", "partition", "offset"];

/** What expressions stand for that are no literals, by the beginning of the expression. */
const EXPRESSIONS: Readonly<Record<string, readonly string[]>> = {
  "...placeOf(record)": PLACE,
  "...place": PLACE,
  "...this.#place": ["topic", "partition"],
  "...this.#about(": ["topic", "partition", "error"],
  "...reader.#about(": ["topic", "partition", "error"],
  "...part.unreadable": ["fromOffset", "lastOffset", "reason"],
  "...about": ["command", "id"],
  // The names of `server.counts`, which the page refers to.
  "...this.counts": [],
  "...why": ["calls", "error", "exitCode", "limitMb", "ms", "others", "reason", "signal", "usedMb"],
};

function namesOf(path: string): string[] {
  const text = readText(path);
  const resolve = (expression: string): string[] =>
    namesIn(expression).flatMap((name) => {
      if (!name.startsWith("...")) return [name];
      const known = Object.entries(EXPRESSIONS).find(([beginning]) =>
        beginning.endsWith("(") ? name.startsWith(beginning) : name === beginning
      );
      if (known !== undefined) return known[1];
      const constant = new RegExp(`const ${RegExp.escape(name.slice(3))} = (\\{[^;]*\\});`, "s")
        .exec(text)?.[1];
      if (constant !== undefined) return resolve(constant);
      throw new Error(`${path}: what does ${name} stand for? Add it to EXPRESSIONS.`);
    });
  return logCalls(text).flatMap(({ fields }) => fields === "" ? [] : resolve(fields));
}

const LOGGING = "src/logging/";
/** Written by every throttle. */
const THROTTLE = ["at", "unreported"];

const written = new Set([
  ...sources().filter((path) => !path.startsWith(LOGGING)).flatMap(namesOf),
  ...THROTTLE,
  "message",
]);

const listed = [...readText("docs/log.md").split("## Fields")[1]!.split("\n## ")[0]!
  .matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name!);

Deno.test("every field of a log line is listed in docs/log.md, and every field there is written", () => {
  const names = [...written].sort();
  assertEquals(listed.toSorted(), names);
});

Deno.test("fields are listed once, in the order of the alphabet", () => {
  const order = (a: string, b: string) => a.toLowerCase().localeCompare(b.toLowerCase());
  assertEquals(listed, [...new Set(listed)].sort(order));
});
