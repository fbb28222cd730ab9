import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { exists } from "../../tools/kafka/jars.ts";
import { type KeeperPlan, KeptProcess } from "../../tools/kept_process.ts";

const GONE_WITHIN_MS = 20_000;

function plan(...programs: string[]): KeeperPlan {
  return {
    folderPrefix: "kafka-rpc-kept-",
    files: { "settings.txt": "here={folder}\n" },
    steps: programs.map((program) => [Deno.execPath(), "eval", program, "{folder}/settings.txt"]),
    graceMs: 5000,
    forwardLines: true,
  };
}

const FOREVER = "console.log('up'); setInterval(() => {}, 1000)";

/** Waits for a folder to vanish; how long that takes depends on the machine. */
async function untilGone(folder: string) {
  const began = performance.now();
  while (await exists(folder)) {
    assert(performance.now() - began < GONE_WITHIN_MS, `${folder} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test("steps run one after another, in a folder that close removes", async () => {
  const lines: string[] = [];
  const kept = await KeptProcess.start(
    plan(
      "await Deno.writeTextFile('left.txt', 'by the first')",
      "console.log(await Deno.readTextFile('left.txt'), await Deno.readTextFile(Deno.args[0]))",
    ),
    { onLine: (line) => lines.push(line) },
  );
  assertEquals(await kept.finished(), { step: 1, code: 0 });
  const folder = kept.folder;
  assertEquals(lines[0], `by the first here=${folder.replaceAll("\\", "/")}`);
  assertStringIncludes(await kept.logTail(), "by the first");
  await kept.close();
  assertEquals(await exists(folder), false);
  assertEquals(await kept.logTail(), "");
});

Deno.test("a step that fails ends the plan", async () => {
  await using kept = await KeptProcess.start(plan("Deno.exit(3)", FOREVER));
  assertEquals(await kept.finished(), { step: 0, code: 3 });
});

Deno.test("a command that does not exist is an error", async () => {
  await using kept = await KeptProcess.start({ ...plan(), steps: [["no-such-command"]] });
  assertStringIncludes((await kept.finished()).reason ?? "", "no-such-command");
});

Deno.test("again() runs the last step once more, in the same folder", async () => {
  const lines: string[] = [];
  await using kept = await KeptProcess.start(
    plan(
      "await Deno.writeTextFile('count', '')",
      "await Deno.writeTextFile('count', 'x', { append: true }); " +
        "console.log(await Deno.readTextFile('count'))",
    ),
    { onLine: (line) => lines.push(line) },
  );
  assertEquals(await kept.finished(), { step: 1, code: 0 });
  const first = kept.pid;
  await kept.again();
  assertEquals(await kept.finished(), { step: 1, code: 0 });
  assertEquals([lines, kept.pid !== first], [["x", "xx"], true]);
});

Deno.test("close ends a step that would run for ever", async () => {
  const kept = await KeptProcess.start(plan(FOREVER));
  assert(kept.pid > 0);
  await kept.close();
  await kept.close();
  assertEquals(await exists(kept.folder), false);
});

Deno.test("an abort ends the start, and the wait for the end", async () => {
  const start = new AbortController();
  const starting = KeptProcess.start(plan(FOREVER, FOREVER), { signal: start.signal });
  start.abort(new Error("enough"));
  await assertRejects(() => starting, Error, "enough");

  const wait = new AbortController();
  const kept = await KeptProcess.start(plan(FOREVER));
  const waiting = kept.finished(wait.signal);
  wait.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(await exists(kept.folder), false);
});

Deno.test("a parent that is killed leaves neither process nor folder", async () => {
  const program = `
    import { KeptProcess } from ${
    JSON.stringify(new URL("../../tools/kept_process.ts", import.meta.url).href)
  };
    const kept = await KeptProcess.start(${JSON.stringify(plan(FOREVER))});
    console.log(kept.folder);
    await kept.finished();
  `;
  const parent = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--no-lock", "-A", `data:text/javascript,${encodeURI(program)}`],
    stdout: "piped",
  }).spawn();
  let folder = "";
  for await (const text of parent.stdout.pipeThrough(new TextDecoderStream())) {
    folder += text;
    if (folder.endsWith("\n")) break;
  }
  parent.kill("SIGKILL");
  await parent.status;
  // The keeper removes the folder only after the step has ended.
  await untilGone(folder.trim());
});

Deno.test("a keeper that is killed is cleaned up after on close", async () => {
  const kept = await KeptProcess.start(plan(FOREVER));
  Deno.kill(kept.keeperPid, "SIGKILL");
  assertEquals((await kept.finished()).reason, "its keeper process was ended");
  await kept.close();
  assertEquals(await exists(kept.folder), false);
});
