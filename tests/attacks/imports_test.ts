// What a module opens by what it imports: the files that were loaded, and nothing else.
import { assertEquals, assertMatch } from "@std/assert";
import { ScratchFolder } from "../scratch_folder.ts";
import { Arena } from "./arena.ts";

/** Commands that try to use what the imports before them may have opened. */
const TRIES = `
export const read = (path: string) => Deno.readTextFileSync(new URL(path, import.meta.url));
export const list = (path: string) => [...Deno.readDirSync(new URL(path, import.meta.url))].length;
export const load = async (specifier: string) => Object.keys(await import(specifier));
`;
const FILES = {
  "inner/secret.txt": "sesame",
  "inner/secret.json": { sesame: 1 },
  "beside.txt": "sesame",
};

/** Each stands in a module, and opens a folder if it is believed. */
const OPENERS: readonly (readonly [what: string, source: string])[] = [
  ["import of the root", 'export const never = () => import("/");'],
  ["import of its folder", 'export const never = () => import("./");'],
  ["import of a dot", 'export const never = () => import(".");'],
  ["import of a folder", 'export const never = () => import("./inner/");'],
  ["import of a folder without a slash", 'export const never = () => import("./inner");'],
  ["import of a link to a folder", 'export const never = () => import("./link/");'],
  ["import of a link without a slash", 'export const never = () => import("./link");'],
  ["text of a folder", 'export const never = () => import("./inner", { with: { type: "text" } });'],
  ["text of a link", 'export const never = () => import("./link", { with: { type: "text" } });'],
  [
    "JSON of a folder",
    'export const never = () => import("./inner/", { with: { type: "json" } });',
  ],
  ["reference to the types of a folder", '/// <reference types="./inner/" />'],
  ["reference to the types of the system", '/// <reference types="/etc/" />'],
  ["reference to a path", '/// <reference path="./inner/" />'],
  ["comment of types", '// @ts-types="./inner/"\nexport const never = () => import("node:fs");'],
  ["file that is no module", 'export const never = () => import("./inner/secret.txt");'],
];
for (const [what, source] of OPENERS) {
  Deno.test(`${what} opens nothing`, async () => {
    await using folder = await ScratchFolder.create({ ...FILES, "commands.ts": source + TRIES });
    await Deno.symlink(`${folder.path}/inner`, `${folder.path}/link`);
    await using arena = await Arena.open({ module: folder.url("commands.ts"), size: 1 });
    const tries = [
      ["read", "/etc/passwd"],
      ["read", "./inner/secret.txt"],
      ["read", "./link/secret.txt"],
      ["read", "./beside.txt"],
      ["list", "./inner"],
      ["load", "./inner/secret.json"],
    ] as const;
    const got = await Promise.all(tries.map(([command, path]) => arena.run(path, { command })));
    assertEquals(got.map((text) => text.split(":", 1)[0]), tries.map(() => "permission_denied"));
  });
}

Deno.test("a file that appears after the start is not open, though the module names it", async () => {
  const source = 'export const late = () => import("./late.json", { with: { type: "json" } });';
  await using folder = await ScratchFolder.create({ "commands.ts": source + TRIES });
  await using arena = await Arena.open({ module: folder.url("commands.ts"), size: 1 });
  await folder.write({ "late.json": { sesame: 1 } });
  assertMatch(await arena.run("./late.json", { command: "read" }), /^permission_denied/);
});

Deno.test("names with colons, spaces and percent signs are those of files, and open", async () => {
  const source = 'import { a } from "./a:b.ts";\nimport { b } from "./c%20d%2541.ts";\n' +
    "export const sum = () => a + b;";
  await using folder = await ScratchFolder.create({
    "commands.ts": source,
    "a:b.ts": "export const a = 1;",
    "c d%41.ts": "export const b = 2;",
  });
  await using arena = await Arena.open({ module: folder.url("commands.ts"), size: 1 });
  assertEquals(await arena.run(undefined, { command: "sum" }), "ok: 3");
});

Deno.test("a text and a JSON file that a module imports are open to it", async () => {
  const source = 'import t from "./t.txt" with { type: "text" };\n' +
    'import j from "./j.json" with { type: "json" };\nexport const both = () => [t, j];';
  await using folder = await ScratchFolder.create({
    "commands.ts": source,
    "t.txt": "text",
    "j.json": { a: 1 },
  });
  await using arena = await Arena.open({ module: folder.url("commands.ts"), size: 1 });
  assertEquals(await arena.run(undefined, { command: "both" }), 'ok: ["text",{"a":1}]');
});
