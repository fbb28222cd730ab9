// A module names files of secrets in its imports. It gets those of its project, and no others.
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { ScratchFolder } from "../scratch_folder.ts";
import { Arena } from "./arena.ts";

const OUTSIDE = {
  "secret.json": { sesame: 1 },
  "secret.txt": "sesame",
  ".npmrc": "// sesame",
  "plugin/deno.json": { imports: { "@secret": "../secret.json" } },
};
const READ =
  "\nexport const read = (path: string) => Deno.readTextFileSync(new URL(path, import.meta.url));";

const IMPORTS: readonly (readonly [what: string, source: string, path: string])[] = [
  ["JSON", 'import("../secret.json", { with: { type: "json" } })', "../secret.json"],
  ["text", 'import("../secret.txt", { with: { type: "text" } })', "../secret.txt"],
  [
    "JSON by its name in the configuration",
    'import("@secret", { with: { type: "json" } })',
    "../secret.json",
  ],
  ["what has no name of a source file", 'import("../.npmrc")', "../.npmrc"],
  ["JSON by a link", 'import("./link.json", { with: { type: "json" } })', "./link.json"],
  ["a source file that is a link to something else", 'import("./link.ts")', "./link.ts"],
];
for (const [what, source, path] of IMPORTS) {
  Deno.test(`an import of ${what} outside of the project opens nothing`, async () => {
    await using folder = await ScratchFolder.create({
      ...OUTSIDE,
      "plugin/link.json": "->secret.json",
      "plugin/link.ts": "->.npmrc",
      "plugin/commands.ts": `export const never = () => ${source};${READ}`,
    });
    await using arena = await Arena.open({ module: folder.url("plugin/commands.ts"), size: 1 });
    assertMatch(await arena.run(path, { command: "read" }), /^permission_denied/);
    assertMatch(await arena.run(null, { command: "never" }), /^permission_denied/);
  });
}

Deno.test("JSON by require(), as the source names it, opens nothing outside of the project", async () => {
  await using folder = await ScratchFolder.create({
    ...OUTSIDE,
    "plugin/commands.ts": `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
export const never = () => require("../secret.json");${READ}`,
  });
  await using arena = await Arena.open({ module: folder.url("plugin/commands.ts"), size: 1 });
  assertMatch(await arena.run(null, { command: "never" }), /^permission_denied/);
  assertMatch(await arena.run("../secret.json", { command: "read" }), /^permission_denied/);
});

Deno.test("what the server grants is open, outside of the project too", async () => {
  await using folder = await ScratchFolder.create({
    ...OUTSIDE,
    "plugin/commands.ts":
      'import secret from "../secret.json" with { type: "json" };\nexport const tell = () => secret;',
  });
  await using arena = await Arena.open({
    module: folder.url("plugin/commands.ts"),
    permissions: { read: [`${folder.path}/secret.json`] },
    size: 1,
  });
  assertEquals(await arena.run(null, { command: "tell" }), 'ok: {"sesame":1}');
});

const NODE_PROJECT = {
  "package.json": { name: "p", type: "module", dependencies: { used: "1.0.0" } },
  "secret.json": { sesame: 1 },
  "node_modules/.package-lock.json": {},
  "node_modules/used/package.json": { name: "used", dependencies: { inner: "1.0.0" } },
  "node_modules/used/index.js": "module.exports = require('inner');",
  "node_modules/used/own.txt": "own",
  "node_modules/inner/package.json": { name: "inner" },
  "node_modules/inner/index.js": "module.exports = 1;",
  "node_modules/inner/own.txt": "own",
  "node_modules/other/own.txt": "own",
  "commands.ts": `import used from "used";
import { createRequire } from "node:module";
const requireHere = createRequire(import.meta.url);
const resolve = (path: string) => new URL(path, import.meta.url);
export const value = () => used;
export const read = (path: string) => Deno.readTextFileSync(resolve(path));
export const list = (path: string) => [...Deno.readDirSync(resolve(path))].length;
export const load = (path: string) => requireHere(path);`,
};
const REACHED: readonly (readonly [command: string, path: string, gets: string])[] = [
  ["read", "./node_modules/used/own.txt", "ok"],
  ["read", "./node_modules/inner/own.txt", "ok"],
  ["read", "./node_modules/other/own.txt", "permission_denied"],
  ["read", "./node_modules/.package-lock.json", "permission_denied"],
  ["list", "./node_modules", "permission_denied"],
  ["list", ".", "permission_denied"],
  ["read", "./package.json", "permission_denied"],
  ["read", "./secret.json", "permission_denied"],
  ["load", "./secret.json", "permission_denied"],
  ["load", "./node_modules/../secret.json", "permission_denied"],
];
Deno.test("of a project with node_modules, the folders of its packages are open and nothing above", async (t) => {
  await using folder = await ScratchFolder.create(NODE_PROJECT);
  await using arena = await Arena.open({ module: folder.url("commands.ts"), size: 1 });
  assertEquals(await arena.run(null, { command: "value" }), "ok: 1");
  for (const [command, path, gets] of REACHED) {
    await t.step(`${command} ${path}: ${gets}`, async () => {
      assertEquals((await arena.run(path, { command })).split(":", 1)[0], gets);
    });
  }
});

const LINKED = {
  "secret.txt": "sesame",
  "lib/package.json": { name: "lib", type: "module", exports: "./index.js" },
  "lib/index.js": "export default 1;",
  "plugin/package.json": { name: "p", dependencies: { lib: "1.0.0" } },
  "plugin/node_modules/lib": "->lib",
  "plugin/commands.ts": 'import lib from "lib";\nexport const value = () => lib;',
};

Deno.test("a link in node_modules that leads out of the project is refused by its name", async () => {
  await using folder = await ScratchFolder.create(LINKED);
  const error = await assertRejects(
    () => Arena.open({ module: folder.url("plugin/commands.ts") }),
    RpcError,
    "plugin/node_modules/lib leads out of the project",
  );
  assertStringIncludes(error.message, `read: ["${folder.path}/lib"]`);
});

Deno.test("a link in node_modules may lead to a folder that is granted", async () => {
  await using folder = await ScratchFolder.create(LINKED);
  const permissions = { read: [`${folder.path}/lib`] };
  await using arena = await Arena.open({ module: folder.url("plugin/commands.ts"), permissions });
  assertEquals(await arena.run(null, { command: "value" }), "ok: 1");
});
