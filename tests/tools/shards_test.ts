import { assertEquals, assertMatch } from "@std/assert";
import { Arrivals } from "../arrivals.ts";
import { ScratchFolder } from "../scratch_folder.ts";
import { within } from "../within.ts";

const PROGRAM = new URL("./run_shards.ts", import.meta.url).href;

const passes = (name: string) => `Deno.test("${name}", () => console.log("in ${name}"));\n`;
const fails = (name: string) => `Deno.test("${name}", () => { throw new Error("of ${name}"); });\n`;
const LEAKS = `Deno.test("leaks", () => void setTimeout(() => {}, 60_000));\n`;
/** Fails, and leaves timers that follow each other. */
const LEAVES_A_LOOP = `Deno.test("fails", async () => {
  (function again() { setTimeout(again, 1); })();
  throw new Error("of fails");
});\n`;
/** Is there while timers come that are not its own. */
const waits = (name: string) =>
  `Deno.test("${name}", async () => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 5));
});\n`;
const LASTS = `
  setInterval(() => {}, 1000);
  return new Promise(() => {});`;
/** Writes its process id for the other shard, and never ends. */
const SECOND = `Deno.test("lasts", () => {
  Deno.writeTextFileSync(import.meta.dirname + "/writing", String(Deno.pid));
  Deno.renameSync(import.meta.dirname + "/writing", import.meta.dirname + "/pid");${LASTS}
});\n`;
/** Says both process ids when there is a second one, and goes on so. */
const first = (goesOn: string) =>
  `Deno.test("says", async () => {
  let other;
  while (other === undefined) {
    other = await Deno.readTextFile(import.meta.dirname + "/../1/pid").catch(() => undefined);
  }
  Deno.writeTextFileSync(import.meta.dirname + "/pid", String(Deno.pid));
  console.log("PIDS " + Deno.pid + " " + other + ".");${goesOn}
});\n`;

/** Starts shards of one file each. */
async function start(...files: string[]) {
  const named = Object.fromEntries(files.map((text, index) => [`${index}/some_test.ts`, text]));
  const folder = await ScratchFolder.create(named);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", PROGRAM, ...files.map((_, index) => `${folder.path}/${index}`)],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  return { child, folder };
}

/** Runs files as one module. */
async function runJoined(...files: string[]): Promise<string[]> {
  const named = Object.fromEntries(files.map((text, index) => [`joined/${index}_test.ts`, text]));
  await using folder = await ScratchFolder.create(named);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", PROGRAM, `${folder.path}/joined`],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).trimEnd().split("\n");
}

async function run(...files: string[]): Promise<{ code: number; lines: string[] }> {
  const { child, folder } = await start(...files);
  await using _folder = folder;
  const { code, stdout } = await child.output();
  return { code, lines: new TextDecoder().decode(stdout).trimEnd().split("\n") };
}

Deno.test("each shard has its totals and its seconds, and the last line is the sum", async () => {
  const { code, lines } = await run(passes("a") + passes("b"), passes("c") + fails("d"));
  assertMatch(
    lines.slice(-3).join("\n"),
    /^2 passed, 0 failed of shard 1 \(\d+ s\)\n1 passed, 1 failed of shard 2 \(\d+ s\)\n3 passed, 1 failed$/,
  );
  assertEquals(code, 1);
});

Deno.test("tests that failed are named before the totals, with the reason", async () => {
  const { lines } = await run(passes("a"), passes("b") + fails("c"));
  assertMatch(
    lines.slice(-4, -2).join("\n"),
    /^failed: c => .*1\/some_test\.ts:2:\d+: Error: of c\n1 passed, 0 failed of shard 1/,
  );
});

Deno.test("a leak fails its test", async () => {
  const { code, lines } = await run(LEAKS);
  assertEquals([code, lines.at(-1)], [1, "0 passed, 1 failed"]);
});

Deno.test("tests that leak only behind one that failed are not counted as failures", async () => {
  const lines = await runJoined(LEAVES_A_LOOP, waits("a") + waits("b (c)"), passes("d"));
  // Whether "d", which waits for nothing, is said to leak is a matter of the loop's moment.
  assertMatch(
    lines.filter((line) => /^(failed: |\d+ that leaked)/.test(line)).join("\n"),
    /^failed: fails => .*0_test\.ts:\d+:\d+: Error: of fails\n[23] that leaked behind the first of these passed without it$/,
  );
  assertEquals(lines.at(-1), "3 passed, 1 failed");
});

Deno.test("a leak of its own is a failure behind one that failed, too", async () => {
  const lines = await runJoined(LEAVES_A_LOOP, waits("a") + LEAKS);
  assertMatch(
    lines.filter((line) => line.startsWith("failed: ")).join("\n"),
    /fails =>.*\n.*leaks =>/,
  );
  assertEquals(lines.at(-1), "1 passed, 2 failed");
});

Deno.test("a leak that comes first is a failure, whether it comes again or not", async () => {
  const first = `${LEAVES_A_LOOP.replace("fails", "leaks").replace(/throw .*/, "")}`;
  const lines = await runJoined(first, waits("a"));
  assertEquals(lines.at(-1), "1 passed, 1 failed");
});

Deno.test("a module that ends before its last test is named, with the reason", async () => {
  const breaks = `setTimeout(() => { throw new Error("late"); });\n`;
  const lines = await runJoined(breaks + waits("a"));
  assertMatch(lines.join("\n"), /^failed: .*joined_test\.ts \(uncaught error\): .*Error: late$/m);
});

Deno.test("shards that pass end with code 0", async () => {
  assertEquals((await run(passes("a"), passes("b"))).code, 0);
});

Deno.test("a shard that yields has a lower priority than the others", async () => {
  const says = `import os from "node:os";
    Deno.test("says", () => console.log("PRIORITY " + os.getPriority()));\n`;
  const { lines } = await run(says, says);
  const [first, second] = lines.flatMap((line) => /^PRIORITY (\d+)/.exec(line)?.[1] ?? []);
  // 19 is the lowest priority there is.
  assertEquals(Number(first), Math.min(Number(second) + 5, 19));
});

Deno.test("what a shard prints stands together", async () => {
  const { lines } = await run(fails("a") + passes("b"), fails("c") + passes("d"));
  const marks = lines.filter((line) => /^(Tests of|error: Error: of|in )/.test(line));
  assertEquals(marks, [
    "Tests of shard 1:",
    "in b",
    "error: Error: of a",
    "Tests of shard 2:",
    "in d",
    "error: Error: of c",
  ]);
});

Deno.test("a shard that ends before its totals is named, and fails the run", async () => {
  const { code, lines } = await run(passes("a"), "throw new Error('at import');");
  assertEquals(lines.at(-1), "1 passed, 1 failed");
  assertEquals(code, 1);
  const ended = await run(passes("a"), "Deno.kill(Deno.pid, 'SIGKILL');");
  assertMatch(ended.lines.at(-2)!, /ended with exit code \d+ before its totals of shard 2/);
  assertEquals(ended.code, 137);
});

Deno.test({
  name: "an interruption ends all shards",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { child, folder } = await start(first(LASTS), SECOND);
    await using _folder = folder;
    const printed = new Arrivals<string>();
    const read = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: printed.push }));
    const pids = () => pidsIn(printed.items.join(""));
    await printed.until(() => pids().length > 0, "both shards");
    child.kill("SIGINT");
    assertEquals((await within(child.status, "the end of the shards")).code, 130);
    await read;
    for (const pid of pids()) assertEquals(await exists(pid), false);
  },
});

Deno.test({
  name: "a signal that reaches a shard alone is an interruption of all",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { child, folder } = await start(first('Deno.kill(Deno.pid, "SIGTERM");'), SECOND);
    await using _folder = folder;
    assertEquals((await within(child.output(), "the end of the shards")).code, 143);
    // Not as it printed them: the runner of tests, ended so soon, may not have passed that on.
    for (const shard of [0, 1]) {
      const pid = Number(await Deno.readTextFile(`${folder.path}/${shard}/pid`));
      assertEquals(await exists(pid), false);
    }
  },
});

/** Process ids that the first shard has said. */
function pidsIn(text: string): number[] {
  return /PIDS (\d+) (\d+)\./.exec(text)?.slice(1).map(Number) ?? [];
}

/** Whether such a process is there; signal 0 cannot be sent from Deno. */
async function exists(pid: number): Promise<boolean> {
  const { success } = await new Deno.Command("kill", { args: ["-0", String(pid)], stderr: "null" })
    .output();
  return success;
}
