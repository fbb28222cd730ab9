import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { type LogLevel, safeLogger, silentLogger, stderrLogger } from "../../src/logging/logger.ts";
import { RpcError } from "../../src/wire/errors.ts";

/** What a piece of work writes to standard error. */
function written(work: () => void): string {
  const chunks: Uint8Array[] = [];
  const { writeSync } = Deno.stderr;
  Deno.stderr.writeSync = (chunk) => chunks.push(chunk.slice());
  try {
    work();
  } finally {
    Deno.stderr.writeSync = writeSync;
  }
  return chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
}

Deno.test("a line is time, level and message", () => {
  assertMatch(
    written(() => stderrLogger().info("hello")),
    /^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}hello\n$/,
  );
});

Deno.test("fields follow as JSON", () => {
  assertStringIncludes(written(() => stderrLogger().info("hello", { a: 1 })), ' hello {"a":1}\n');
});

Deno.test("a BigInt is written as its digits", () => {
  assertStringIncludes(written(() => stderrLogger().info("x", { offset: 10n })), '"offset":"10"');
});

Deno.test("an Error is written as name and message", () => {
  const error = new TypeError("boom");
  assertStringIncludes(
    written(() => stderrLogger().warn("x", { error })),
    '"error":"TypeError: boom"',
  );
});

Deno.test("a message of two lines stays on one line of fields", () => {
  const text = written(() => stderrLogger().warn("x", { reason: "a\nb" }));
  assertEquals(text.split("\n").length, 2);
});

Deno.test("a line holds nothing that a terminal obeys, in its message and in its fields", () => {
  const text = written(() => stderrLogger().warn("a\x9b\n", { b: "\u202e" }));
  assertStringIncludes(text, String.raw`a\u009b\n {"b":"\u202e"}`);
});

Deno.test("a logger of a user's own gets nothing that a terminal obeys", () => {
  const lines: unknown[] = [];
  const take = (...line: unknown[]) => lines.push(line);
  safeLogger({ debug: take, info: take, warn: take, error: take }).warn("a\x9b", { b: "\u202e" });
  assertEquals(lines, [["a\\u009b", { b: "\\u202e" }]]);
});

const LEVELS: [LogLevel, number][] = [["debug", 4], ["info", 3], ["warn", 2], ["error", 1]];
for (const [level, count] of LEVELS) {
  Deno.test(`the level ${level} writes ${count} of the four levels`, () => {
    const logger = stderrLogger(level);
    const text = written(() => {
      logger.debug("x");
      logger.info("x");
      logger.warn("x");
      logger.error("x");
    });
    assertEquals(text.split("\n").length - 1, count);
  });
}

Deno.test("the silent logger writes nothing", () => {
  assertEquals(written(() => silentLogger.error("x")), "");
});

Deno.test("a level that does not exist is refused, with the one that may have been meant", () => {
  const text = '`level`: it is "warning". Did you mean "warn"?';
  assertThrows(() => stderrLogger("warning" as LogLevel), RpcError, text);
});
