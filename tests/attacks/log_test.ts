// What the log of a server says of sandboxes, and what expressions can do to it.
import { assertEquals, assertMatch } from "@std/assert";
import type { LogLine } from "../recording_logger.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { Counter } from "../server/counter.ts";
import { Arena } from "./arena.ts";

const ENDED = "a sandbox ended, it is replaced";
const isEnd = ({ message }: LogLine) => message === ENDED;

/** An expression that ends its sandbox, and the fields of the line about it. */
const ENDS: [what: string, code: string, fields: Record<string, RegExp>, timeoutMs?: number][] = [
  ["its time", "while (true);", { reason: /^time$/, ms: /^\d{3,}$/ }, 400],
  [
    "its memory",
    "const a = []; while (true) a.push(new Uint8Array(10_000_000).fill(1))",
    { reason: /^memory$/, usedMb: /^\d{2,}$/, limitMb: /^96$/ },
  ],
  ["an exit", "Deno.exit(3)", { reason: /^exit$/, error: /^the command called exit\(3\)$/ }],
  ["a signal", "Deno.kill(Deno.pid, 'SIGKILL')", { reason: /^crash$/, signal: /^SIGKILL$/ }],
  [
    "an error that nobody caught",
    "setTimeout(() => { throw new Error('boom'); }, 0); new Promise(() => {})",
    { reason: /^error$/, error: /^error: Uncaught .*Error: boom\n(.*\n)* {4}at .*/ },
  ],
  [
    "a result that is too long",
    "postMessage(new Uint8Array(5_000_000)); new Promise(() => {})",
    { reason: /^result$/, error: /5000000 bytes/ },
  ],
  [
    "bytes on the pipe of the frames",
    "import('node:fs').then((fs) => { fs.writeSync(1, 'x'.repeat(50)); return new Promise(() => {}); })",
    { reason: /^protocol$/, error: /something else than a frame/ },
  ],
];
for (const [what, code, expected, timeoutMs = 20_000] of ENDS) {
  Deno.test(`a sandbox that ${what} ended is one warning with command, id, reason and figure`, async () => {
    await using arena = await Arena.open({ size: 1 });
    await arena.run(code, { timeoutMs });
    const lines = await arena.log.lines.until((all) => all.some(isEnd), "the line of the end");
    const { level, fields } = lines.find(isEnd)!;
    assertEquals([level, fields["command"], fields["id"]], ["warn", "eval", "an-id"]);
    for (const [name, pattern] of Object.entries(expected)) {
      assertMatch(String(fields[name]), pattern);
    }
    assertEquals(arena.output, []);
  });
}

Deno.test("an idle sandbox that its last command ended is a warning with that command", async () => {
  const module = new URL("./fixtures/stateful.ts", import.meta.url);
  await using arena = await Arena.open({ module, size: 1 });
  await arena.run(undefined, { command: "crashLater" });
  const ended = ({ message }: LogLine) => message.endsWith("sandbox ended, it is replaced");
  const lines = await arena.log.lines.until((all) => all.some(ended), "the line of the end");
  assertEquals(lines.find(ended)?.fields["command"], "crashLater");
});

Deno.test("sandboxes that end again and again are all counted, in lines with a count", async () => {
  const arena = await Arena.open({ size: 3 });
  for (let i = 0; i < 6; i++) await arena.run("Deno.exit(3)");
  await arena[Symbol.asyncDispose]();
  const counted = (lines: readonly LogLine[]) =>
    lines.filter(isEnd).reduce((sum, { fields }) => sum + 1 + Number(fields["unreported"] ?? 0), 0);
  const lines = await arena.log.lines.until((all) => counted(all) >= 6, "the count of six ends");
  assertEquals(counted(lines), 6);
});

Deno.test("an expression that floods the log leaves lines to its neighbours", async () => {
  await using arena = await Arena.open({ size: 2 });
  const told = Promise.withResolvers<void>();
  const flood = "while (true) console.log('flood')";
  const flooding = arena.run(flood, { overdueAfter: told.promise });
  await arena.log.lines.until(() => arena.output.length > 30, "the flood");
  await arena.run("console.log('neighbour')");
  await arena.printed("neighbour");
  told.resolve();
  await flooding;
});

Deno.test("what a terminal would obey is escaped in the lines of commands", async () => {
  const logger = new RecordingLogger();
  await using counter = await Counter.open({ evaluate: true, concurrency: 1, logger });
  await counter.ask("eval", String.raw`console.log("a\x9b31m\x1b[2J\u202eb\u2066\u{e0041}c")`);
  const isOutput = ({ message }: LogLine) => message === "output of a command";
  const lines = await logger.lines.until((all) => all.some(isOutput), "the line of the command");
  const { fields } = lines.find(isOutput)!;
  assertEquals(
    fields["line"],
    String.raw`a\u009b31m\u001b[2J\u202eb\u2066\udb40\udc41c`,
  );
});
