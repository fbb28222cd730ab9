// What a commands module is made of, as Deno itself sees it.
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { inspectModule } from "../../src/executor/project.ts";
import { ScratchFolder } from "../scratch_folder.ts";
import { RpcError } from "../../src/wire/errors.ts";

const deno = Deno.execPath();
const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url);
const attack = (name: string) => new URL(`../attacks/fixtures/${name}`, import.meta.url);

Deno.test("the files of a module are those that it imports, and itself", async () => {
  const { readable, npm, jsr } = await inspectModule(fixture("commands.ts"), { deno });
  assertEquals([readable.length, npm, jsr], [1, false, false]);
  assertMatch(readable[0]!, /fixtures[/\\]commands\.ts$/);
});

Deno.test("a module that imports a package of npm is recognized", async () => {
  assertEquals((await inspectModule(attack("with_npm.ts"), { deno })).npm, true);
});

Deno.test("without a module there is Deno's cache folder, and nothing else", async () => {
  const { readable, folder, denoDir } = await inspectModule(undefined, { deno });
  assertEquals([readable, folder, denoDir === ""], [[], undefined, false]);
});

Deno.test("a module that does not exist is failed_precondition", async () => {
  const error = await assertRejects(() => inspectModule(fixture("absent.ts"), { deno }), RpcError);
  assertEquals(error.code, "failed_precondition");
});

Deno.test("the error of a module that does not exist reads as sentences", async () => {
  const error = await assertRejects(() => inspectModule(fixture("absent.ts"), { deno }), RpcError);
  assertMatch(error.message, /absent\.ts"\. Correct the module, and start the server again\.$/);
});

Deno.test("a signal that has aborted gives the look up with its reason", async () => {
  const signal = AbortSignal.abort(new TypeError("enough"));
  await assertRejects(
    () => inspectModule(fixture("commands.ts"), { deno, signal }),
    TypeError,
    "enough",
  );
});

Deno.test("an executable that is not there is an error with what to do", async () => {
  const missing = "/nowhere/deno";
  await assertRejects(
    () => inspectModule(undefined, { deno: missing }),
    RpcError,
    "set `denoPath`",
  );
});

Deno.test("a lock file that the program was started with stays as it is", async () => {
  const flag = Deno.env.get("KAFKA_RPC_DENO_FLAGS") ?? "--lock=deno.lock";
  const path = flag.slice("--lock=".length);
  const before = await Deno.readTextFile(path);
  await using folder = await ScratchFolder.create({
    "deno.json": {},
    "commands.ts": 'import ms from "npm:ms@2.1.1";\nexport const value = () => ms("1s");',
  });
  await inspectModule(folder.url("commands.ts"), { deno });
  assertEquals(await Deno.readTextFile(path), before);
});

Deno.test("the configuration by flag is not that of a module with a project of its own", async () => {
  await using folder = await ScratchFolder.create({
    "server/deno.json": {},
    "server/look.ts": `import { findProject } from ${
      JSON.stringify(new URL("../../src/executor/survey.ts", import.meta.url).href)
    };
const options = { deno: Deno.execPath() };
const denoDir = Deno.args[0] + "/cache";
const found = await findProject({ folder: Deno.args[0] + "/plugin", module: "x", denoDir }, options);
console.log(found.config);`,
    "plugin/deno.json": {},
  });
  const { stdout, stderr } = await new Deno.Command(deno, {
    args: [
      "run",
      "--allow-all",
      `--config=${folder.path}/server/deno.json`,
      folder.url("server/look.ts").href,
      folder.path,
    ],
  }).output();
  const text = new TextDecoder();
  assertEquals(text.decode(stdout).trim(), `${folder.path}/plugin/deno.json`, text.decode(stderr));
});

Deno.test("what a module and its codecs import from elsewhere is locked together", async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    return new Response("export {};", { headers: { "content-type": "text/javascript" } });
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  const names = ["commands", "codec", "another"];
  const modules = names.map((name) => [`${name}.ts`, `import "${base}/${name}.js";`] as const);
  await using folder = await ScratchFolder.create({
    "deno.json": {},
    "deno.lock": { version: "5" },
    ...Object.fromEntries(modules),
  });
  const [commands, ...codecs] = names.map((name) => folder.url(`${name}.ts`));
  const { flags } = await inspectModule(commands, { deno, codecs });
  const lock = flags.find((flag) => flag.startsWith("--lock="))!.slice("--lock=".length);
  const { remote } = JSON.parse(await Deno.readTextFile(lock)) as { remote: object };
  assertEquals(Object.keys(remote), names.map((name) => `${base}/${name}.js`).sort());
});

Deno.test("a module of a codec that is not there is not taken for that of the commands", async () => {
  await using folder = await ScratchFolder.create({ "commands.ts": "export const one = () => 1;" });
  const codecs = [folder.url("codec.ts")];
  const error = await assertRejects(
    () => inspectModule(folder.url("commands.ts"), { deno, codecs }),
    RpcError,
  );
  assertStringIncludes(error.message, "Cannot load the codecs: Module not found");
});
