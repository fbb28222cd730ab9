// How a child is started, and what it then may do.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import { Arena } from "../attacks/arena.ts";
import { ScratchFolder } from "../scratch_folder.ts";

const MODULE = new URL("./fixtures/commands.ts", import.meta.url);
const memoryMb = 64;

/** Runs with a variable in the environment, and takes it out again. */
async function withVariable<T>(value: string, run: () => Promise<T>): Promise<T> {
  Deno.env.set("KAFKA_RPC_SECRET", value);
  try {
    return await run();
  } finally {
    Deno.env.delete("KAFKA_RPC_SECRET");
  }
}

const readEnvironment = (env: boolean | string[]) =>
  withVariable("sesame", async () => {
    await using arena = await Arena.open({ module: MODULE, permissions: { env }, size: 1 });
    return await arena.run(null, { command: "readEnvironment" });
  });

Deno.test("a variable that is granted by its name has its value", async () => {
  assertEquals(await readEnvironment(["KAFKA_RPC_SECRET"]), 'ok: "sesame"');
});

Deno.test("variables that are granted by how they begin have their values", async () => {
  assertEquals(await readEnvironment(["KAFKA_RPC_*"]), 'ok: "sesame"');
});

Deno.test("with all variables granted each has its value", async () => {
  assertEquals(await readEnvironment(true), 'ok: "sesame"');
});

Deno.test("a variable that is not granted is denied", async () => {
  assertStringIncludes(await readEnvironment(["OTHER"]), 'no permission "env"');
});

Deno.test("a grant does not take Deno's cache away from the child", async () => {
  const permissions = { env: true };
  const granted = await childCommand({ module: MODULE, permissions, memoryMb });
  const { env } = await childCommand({ module: MODULE, permissions: {}, memoryMb });
  assertEquals(granted.env["DENO_DIR"], env["DENO_DIR"]);
});

Deno.test("a child does not open the code that other programs of its user run from the cache", async () => {
  const { args } = await childCommand({ permissions: {}, memoryMb: 96 });
  assertEquals(args.includes("--no-code-cache"), true);
});

Deno.test("what starts a child leaves most of a command line of Windows to its permissions", async () => {
  const { args } = await childCommand({ permissions: {}, memoryMb: 96 });
  const length = args.join(" ").length;
  assertEquals(length < 32_767 - 17_000 - 500, true, `${length} characters`);
});

Deno.test("the least memory that may be given is enough for an expression", async () => {
  await using arena = await Arena.open({ memoryMb: 32, size: 1 });
  assertEquals(await arena.run("1 + 1"), "ok: 2");
});

Deno.test("a variable that the program may not read itself cannot be granted, and it says so", async () => {
  const script = new URL("../attacks/fixtures/child_command.ts", import.meta.url);
  const flags = Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ") ?? ["--no-lock"];
  const permissions = JSON.stringify({ env: ["TZ"] });
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-run", "--allow-read", ...flags, script.href, permissions],
  }).output();
  assertStringIncludes(new TextDecoder().decode(stdout), "may not read these variables itself");
});

Deno.test({
  name: "no child outlives a start that another one failed",
  // Its Deno is a script of a shell.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    // The one that lists descriptors takes as long as a Deno does; any other fails at once.
    await using folder = await ScratchFolder.create({
      deno: `#!/bin/sh
case "$*" in
  *fdinfo*) "${Deno.execPath()}" "$@" && touch "$0.ended" ;;
  *) exit 1 ;;
esac`,
    });
    const denoPath = `${folder.path}/deno`;
    await Deno.chmod(denoPath, 0o755);
    await assertRejects(() =>
      childCommand({ module: MODULE, permissions: {}, memoryMb, denoPath })
    );
    assertEquals((await Deno.stat(`${denoPath}.ended`)).isFile, true);
  },
});
