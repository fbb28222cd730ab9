/**
 * Projects as people have them.
 *
 * @module
 */
import { PACKAGE_ROWS } from "./package_rows.ts";
import type { Row } from "./row.ts";

const KV = `export async function value() {
  const kv = await Deno.openKv(":memory:");
  await kv.set(["a"], 1);
  const { value } = await kv.get(["a"]);
  kv.close();
  return value;
}`;

/** A module of WebAssembly whose export `seven` gives 7. */
const WASM = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 9, 1, 5],
  ...[115, 101, 118, 101, 110, 0, 0, 10, 6, 1, 4, 0, 65, 7, 11],
);

/** Every project. */
export const ROWS: readonly Row[] = [
  { name: "no configuration", files: { "commands.ts": "export const value = () => 1;" }, gives: 1 },
  {
    name: "imports of the configuration, with comments in it",
    files: {
      "deno.jsonc": '{ /* a */ "imports": { "@lib/": "./lib/", }, // b\n}',
      "lib/a.ts": 'export const a = "a";',
      "app/commands.ts": 'import { a } from "@lib/a.ts";\nexport const value = () => a;',
    },
    module: "app/commands.ts",
    gives: "a",
  },
  {
    name: "an unstable feature",
    files: { "deno.json": { unstable: ["kv"] }, "commands.ts": KV },
    gives: 1,
  },
  {
    name: "an unstable feature by flag",
    files: { "commands.ts": KV },
    flags: ["--unstable-kv"],
    gives: 1,
  },
  {
    name: "jsx",
    files: {
      "deno.json": {
        compilerOptions: { jsx: "react-jsx", jsxImportSource: "lib" },
        imports: { "lib/jsx-runtime": "./lib/jsx-runtime.ts" },
      },
      "lib/jsx-runtime.ts": "export const jsx = (tag: string, rest: unknown) => [tag, rest];",
      "commands.tsx": 'export const value = () => <a href="b">c</a>;',
    },
    module: "commands.tsx",
    gives: ["a", { href: "b", children: "c" }],
  },
  {
    name: "decorators",
    files: {
      "deno.json": { compilerOptions: { experimentalDecorators: true } },
      "commands.ts": `const seen: string[] = [];
const note = (_target: unknown, key: string) => void seen.push(key);
class A { @note m() {} }
export const value = () => [seen, typeof A];`,
    },
    gives: [["m"], "function"],
  },
  {
    name: "sloppy imports",
    files: {
      "deno.json": { unstable: ["sloppy-imports"] },
      "commands.ts": `import { a } from "./a";
import { b } from "./b";
import { c } from "./c.js";
export const value = () => [a, b, c];`,
      "a.ts": "export const a = 1;",
      "b/index.ts": "export const b = 2;",
      "c.ts": "export const c = 3;",
    },
    gives: [1, 2, 3],
  },
  {
    name: "an import map of the configuration",
    files: {
      "deno.json": { importMap: "./maps/map.json" },
      "maps/map.json": { imports: { "@x": "./x.ts" } },
      "maps/x.ts": 'export const x = "x";',
      "commands.ts": 'import { x } from "@x";\nexport const value = () => x;',
    },
    gives: "x",
  },
  {
    name: "an import map by flag",
    files: {
      "deno.json": {},
      "map.json": { imports: { "@x": "./x.ts" } },
      "x.ts": 'export const x = "x";',
      "commands.ts": 'import { x } from "@x";\nexport const value = () => x;',
    },
    flags: ["--import-map", "FOLDER/map.json"],
    gives: "x",
  },
  {
    name: "a configuration by flag",
    files: {
      "other.json": { imports: { "@x": "./x.ts" } },
      "x.ts": 'export const x = "x";',
      "commands.ts": 'import { x } from "@x";\nexport const value = () => x;',
    },
    flags: ["--config=FOLDER/other.json"],
    gives: "x",
  },
  {
    name: "a computed import of a name that the configuration explains",
    files: {
      "deno.json": { imports: { "@lib/": "./lib/" } },
      "lib/a.ts": 'export const a = "a";',
      "commands.ts": `import "@lib/a.ts";
export const value = async () => (await import("@lib/" + "a" + ".ts")).a;`,
    },
    gives: "a",
  },
  {
    name: "links",
    files: {
      "app/deno.json": { links: ["../lib"], imports: { "@linked/lib": "jsr:@linked/lib@^1.0.0" } },
      "lib/deno.json": { name: "@linked/lib", version: "1.0.0", exports: "./mod.ts" },
      "lib/mod.ts": 'export { v } from "./v.ts";',
      "lib/v.ts": 'export const v = "linked";',
      "app/commands.ts": 'import { v } from "@linked/lib";\nexport const value = () => v;',
    },
    module: "app/commands.ts",
    gives: "linked",
  },
  {
    name: "a workspace",
    files: {
      "deno.json": { workspace: ["./a", "./packages/*"], imports: { shared: "./shared.ts" } },
      "shared.ts": 'export const shared = "shared";',
      "a/deno.json": {
        imports: { own: "./own.ts" },
        compilerOptions: { experimentalDecorators: true },
      },
      "a/own.ts": 'export const own = "own";',
      "packages/b/deno.json": {
        name: "@space/b",
        version: "1.0.0",
        exports: { ".": "./mod.ts", "./deep": "./deep.ts" },
      },
      "packages/b/mod.ts": 'export const b = "b";',
      "packages/b/deep.ts": 'export const deep = "deep";',
      "a/src/commands.ts": `import { shared } from "shared";
import { own } from "own";
import { b } from "@space/b";
import { deep } from "@space/b/deep";
import config from "../../deno.json" with { type: "json" };
const seen: string[] = [];
const note = (_target: unknown, key: string) => void seen.push(key);
class A { @note m() {} }
export const value = () => [shared, own, b, deep, seen, config.workspace.length, typeof A];`,
    },
    module: "a/src/commands.ts",
    gives: ["shared", "own", "b", "deep", ["m"], 2, "function"],
  },
  {
    name: "a dependency that imports when it runs",
    files: {
      "deno.json": { imports: { dependency: "./dependency/mod.ts" } },
      "dependency/mod.ts": `export const run = async () => [
  (await import("./late.ts")).late,
  (await import("./late.json", { with: { type: "json" } })).default,
];`,
      "dependency/late.ts": 'export const late = "late";',
      "dependency/late.json": { late: true },
      "commands.ts": 'import { run } from "dependency";\nexport const value = () => run();',
    },
    gives: ["late", { late: true }],
  },
  {
    name: "JSON, text and bytes",
    files: {
      "deno.json": { unstable: ["raw-imports"] },
      "a.json": { a: 1 },
      "b.txt": "b",
      "c.bin": Uint8Array.of(1, 2),
      "commands.ts": `import a from "./a.json" with { type: "json" };
import b from "./b.txt" with { type: "text" };
import c from "./c.bin" with { type: "bytes" };
export const value = () => [a, b, [...c]];`,
    },
    gives: [{ a: 1 }, "b", [1, 2]],
  },
  {
    name: "WebAssembly",
    files: {
      "seven.wasm": WASM,
      "commands.ts": 'import { seven } from "./seven.wasm";\nexport const value = () => seven();',
    },
    gives: 7,
  },
  ...PACKAGE_ROWS,
];
