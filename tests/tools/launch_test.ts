import { assertEquals, assertStringIncludes } from "@std/assert";
import { allShards, TASKS } from "../../tools/launch/tasks.ts";
import { Arrivals } from "../arrivals.ts";
import { ScratchFolder } from "../scratch_folder.ts";
import { within } from "../within.ts";

const LAUNCHER = new URL("../../tools/launch.ts", import.meta.url).href;
const ROOT = new URL("../..", import.meta.url);

/** The launcher with an environment of its own, in which no command can be found. */
function launcher(args: string[], env: Record<string, string> = {}): Deno.Command {
  const kept = ["JSR_URL", "SystemRoot"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--no-lock", "--allow-all", LAUNCHER, ...args],
    clearEnv: true,
    env: { PATH: "no-such-folder", ...Object.fromEntries(kept), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs the launcher to its end. */
async function launch(args: string[], env?: Record<string, string>) {
  const output = await launcher(args, env).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
}

Deno.test("every task of deno.json is a task of the launcher", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  assertEquals(Object.keys(tasks).sort(), Object.keys(TASKS).sort());
  for (const [name, { command }] of Object.entries<{ command: string }>(tasks)) {
    assertEquals(command, `deno run --no-config --no-lock -A tools/launch.ts ${name}`);
  }
});

/** Paths of all test files under a folder. */
function testFilesOf(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return testFilesOf(`${folder}/${name}`);
    return name.endsWith("_test.ts") ? [`${folder}/${name}`] : [];
  }).sort();
}

Deno.test("the shards have every test file once, except the rows that take minutes", async () => {
  const files = (await allShards()).flatMap(({ paths }) => paths);
  const expected = testFilesOf("tests").filter((file) => !file.startsWith("tests/faults/full/"));
  assertEquals(files.sort(), expected);
});

Deno.test("test files with hooks, or that say so, are joined with no other", async () => {
  const alone = (await allShards()).filter(({ joined }) => !joined).flatMap(({ paths }) => paths);
  assertEquals(alone, [
    "tests/integration/platformatic_test.ts",
    "tests/faults/secured_test.ts",
    "tests/faults/short_test.ts",
    "tests/projects/projects_test.ts",
    "tests/transport/kafka/platformatic_test.ts",
  ]);
});

Deno.test("an unknown task is refused, with how to see which there are", async () => {
  for (const name of ["no-such-task", "constructor"]) {
    const { code, stderr } = await launch([name]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot run "${name}": no such task.`);
    assertStringIncludes(stderr, "`deno task` lists them");
  }
});

Deno.test("the task broker does not take one that is named for its own, and says why it has none", async () => {
  const { code, stderr } = await launch(["broker"], { KAFKA_BROKERS: "127.0.0.1:9" });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "KAFKA_BROKERS is 127.0.0.1:9; this is another broker.");
  assertStringIncludes(stderr, "Cannot start a Kafka broker");
});

Deno.test("without Java, Docker and KAFKA_BROKERS a test run fails and names all three", async () => {
  const { code, stderr } = await launch(["test"]);
  assertEquals(code, 1);
  for (const way of ["install Java 17", "start Docker", "set KAFKA_BROKERS"]) {
    assertStringIncludes(stderr, way);
  }
});

Deno.test("a version of Kafka that is not pinned is nothing to who starts no broker", async () => {
  const { code, stderr } = await launch(["no-such-task"], { KAFKA_VERSION: "3.90" });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "no such task");
});

Deno.test({
  name: "a task that starts a broker refuses a version of Kafka that is not pinned, in a line",
  // The Java is a script of a shell.
  ignore: Deno.build.os === "windows",
  async fn() {
    const java = `#!/bin/sh\necho 'openjdk version "17"'`;
    await using folder = await ScratchFolder.create({ "bin/java": java });
    await Deno.chmod(`${folder.path}/bin/java`, 0o755);
    const env = { KAFKA_VERSION: "3.90", JAVA_HOME: folder.path };
    const { code, stderr } = await launch(["test"], env);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "\nCannot use Kafka 3.90: its jars are not pinned here.");
    assertEquals(stderr.includes("chooseVersion"), false, stderr);
  },
});

for (const task of ["test", "ok"]) {
  Deno.test(`without a broker the task ${task} names the tests that need none`, async () => {
    assertStringIncludes((await launch([task])).stderr, "`deno task test:unit`");
  });
}

Deno.test({
  name: "a task that Ctrl-C ends says so",
  ignore: Deno.build.os === "windows",
  async fn() {
    const lasts = `Deno.test("lasts", () => {
      console.log("BEGUN");
      setInterval(() => {}, 1000);
      return new Promise(() => {});
    });`;
    await using folder = await ScratchFolder.create({ "some_test.ts": lasts });
    const child = launcher(["test:unit", "--no-check", `${folder.path}/some_test.ts`]).spawn();
    const printed = new Arrivals<string>();
    const said = new Arrivals<string>();
    const read = Promise.all(
      ([[child.stdout, printed], [child.stderr, said]] as const).map(([from, { push: write }]) =>
        from.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream({ write }))
      ),
    );
    await printed.until((texts) => texts.join("").includes("BEGUN"), "the test");
    child.kill("SIGINT");
    const { code } = await within(child.status, "the end of the task");
    await read;
    const last = said.items.join("").trimEnd().split("\n").at(-1);
    assertEquals([code, last], [130, "Interrupted by SIGINT."]);
  },
});

Deno.test("a port that is no port is refused", async () => {
  const { code, stderr } = await launch(["broker", "--port", "0"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot use port "0"');
});
