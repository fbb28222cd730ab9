// Modules of many files: no limit of the system is met blindly.
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Arena } from "../attacks/arena.ts";
import { ScratchFolder } from "../scratch_folder.ts";

/** A long name, as folders of companies have them. */
const FOLDER = "packages/some-company-backend/modules/domain/orders";

/** A project whose module imports so many others, each of which imports by the configuration. */
function project(count: number, beside: Record<string, string> = {}): Record<string, unknown> {
  const names = Array.from({ length: count }, (_, at) => `a_file_of_the_project_${at}`);
  return {
    [`${FOLDER}/deno.json`]: { imports: { "@company/shared": "./shared.ts" } },
    [`${FOLDER}/shared.ts`]: "export const one = 1;",
    [`${FOLDER}/commands.ts`]:
      names.map((name, at) => `import { f as f${at} } from "./lib/${name}.ts";`).join("\n") +
      `\nexport const sum = () => ${names.map((_, at) => `f${at}`).join(" + ")};
export const read = (path: string) => Deno.readTextFileSync(new URL(path, import.meta.url));`,
    ...Object.fromEntries(names.map((name) => [
      `${FOLDER}/lib/${name}.ts`,
      'import { one } from "@company/shared";\nexport const f = one;',
    ])),
    ...beside,
  };
}

Deno.test("a module of 3 000 files with imports by the configuration starts", async () => {
  await using folder = await ScratchFolder.create(project(3_000));
  await using arena = await Arena.open({ module: folder.url(`${FOLDER}/commands.ts`), size: 1 });
  assertEquals(await arena.run(null, { command: "sum" }), "ok: 3000");
});

Deno.test("a folder whose every file is of the module takes their place; what is beside it is closed", async () => {
  await using folder = await ScratchFolder.create(project(300));
  const module = folder.url(`${FOLDER}/commands.ts`);
  const { args } = await childCommand({ module, permissions: {}, memoryMb: 64 });
  const root = `${folder.path}/${FOLDER}`;
  assertEquals(
    args.filter((arg) => arg.startsWith("--allow-read=")).map((arg) =>
      arg.slice(13).split(",").sort()
    ),
    [[`${root}/commands.ts`, `${root}/lib`, `${root}/shared.ts`]],
  );
});

Deno.test("a folder with one file that is not of the module stays closed, its files are listed", async () => {
  await using folder = await ScratchFolder.create(
    project(300, { [`${FOLDER}/lib/.env`]: "sesame" }),
  );
  await using arena = await Arena.open({ module: folder.url(`${FOLDER}/commands.ts`), size: 1 });
  assertEquals(await arena.run(null, { command: "sum" }), "ok: 300");
  assertMatch(await arena.run("./lib/.env", { command: "read" }), /^permission_denied/);
});

Deno.test("files that are more than one word of a command line holds are given in several", async () => {
  await using folder = await ScratchFolder.create(
    project(1_000, { [`${FOLDER}/lib/.env`]: "sesame" }),
  );
  await using arena = await Arena.open({
    module: folder.url(`${FOLDER}/commands.ts`),
    memoryMb: 256,
    size: 1,
  });
  assertEquals(await arena.run(null, { command: "sum" }), "ok: 1000");
});

Deno.test("a name with a comma is open by its folder where all of that is of the module", async () => {
  await using folder = await ScratchFolder.create({
    "commands.ts": 'import { a } from "./lib/a,b.ts";\nexport const value = () => a;',
    "lib/a,b.ts": "export const a = 1;",
  });
  await using arena = await Arena.open({ module: folder.url("commands.ts"), size: 1 });
  assertEquals(await arena.run(null, { command: "value" }), "ok: 1");
});

Deno.test("a name with a comma beside other files is refused at the start", async () => {
  await using folder = await ScratchFolder.create({
    "commands.ts": 'import { a } from "./lib/a,b.ts";\nexport const value = () => a;',
    "lib/a,b.ts": "export const a = 1;",
    "lib/other.txt": "other",
  });
  const module = folder.url("commands.ts");
  await assertRejects(() => Arena.open({ module }), RpcError, 'a,b.ts" of the module has a comma');
});

Deno.test("a comma in what is granted is refused by its name", async () => {
  const permissions = { read: ["/a,/etc"] };
  await assertRejects(
    () => childCommand({ permissions, memoryMb: 64 }),
    RpcError,
    '"/a,/etc" of `permissions.read` has a comma',
  );
});

Deno.test("permissions that no command line holds are refused with their size and what to do", async () => {
  const read = Array.from(
    { length: 40_000 },
    (_, at) => `/a/folder/of/a/long/name/with/many/parts/${at}`,
  );
  const error = await assertRejects(
    () => childCommand({ permissions: { read }, memoryMb: 64 }),
    RpcError,
  );
  assertMatch(error.message, /its permissions are \d+ bytes .*Bundle the module/);
});
