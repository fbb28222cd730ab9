/**
 * Projects that use packages.
 *
 * @module
 */
import type { Row } from "./row.ts";

const MS_LOCK = {
  version: "5",
  specifiers: { "npm:ms@2": "2.1.1" },
  npm: {
    "ms@2.1.1": {
      integrity:
        "sha512-tgp+dl5cGk28utYktBsrFqA7HKgrhgPsg6Z/EfhWI4gl1Hwq8B/GmY/0oXZ6nF8hDVesS/FpnYaD/kOWhYQvyg==",
    },
  },
};

/** Packages as an installer leaves them: of CommonJS and of ES modules, and one of another's. */
const NODE_MODULES = {
  "node_modules/common/package.json": { name: "common", version: "1.2.3", main: "lib/main.js" },
  "node_modules/common/lib/main.js": `const { inner } = require("inner");
module.exports = { inner, own: require("fs").readFileSync(__dirname + "/../own.txt", "utf8") };`,
  "node_modules/common/own.txt": "own",
  "node_modules/inner/package.json": { name: "inner", version: "1.0.0" },
  "node_modules/inner/index.js": "exports.inner = 'inner';",
  "node_modules/@scope/modern/package.json": {
    name: "@scope/modern",
    version: "2.0.0",
    type: "module",
    exports: { ".": "./mod.js", "./deep": "./deep.js" },
  },
  "node_modules/@scope/modern/mod.js":
    'export const late = async () => (await import("./late.js")).late;',
  "node_modules/@scope/modern/late.js": 'export const late = "late";',
  "node_modules/@scope/modern/deep.js": 'export const deep = "deep";',
};

const PACKAGE_JSON = {
  name: "project",
  type: "module",
  imports: { "#own": "./own.ts" },
  dependencies: { common: "1.2.3", "@scope/modern": "2.0.0" },
};

const USES_PACKAGES = `import common from "common";
import { late } from "@scope/modern";
import { deep } from "@scope/modern/deep";
import { own } from "#own";
export const value = async () => [common.inner, common.own, await late(), deep, own];`;

/** Every project that uses packages. */
export const PACKAGE_ROWS: readonly Row[] = [
  {
    name: "conditions of exports by flag",
    files: {
      "package.json": { name: "project", dependencies: { dual: "1.0.0" } },
      "node_modules/dual/package.json": {
        name: "dual",
        version: "1.0.0",
        type: "module",
        exports: { development: "./development.js", default: "./production.js" },
      },
      "node_modules/dual/development.js": 'export const mode = "development";',
      "node_modules/dual/production.js": 'export const mode = "production";',
      "commands.ts": 'import { mode } from "dual";\nexport const value = () => mode;',
    },
    flags: ["--conditions=development"],
    gives: "development",
  },
  {
    name: "deno.lock",
    files: {
      "deno.json": {},
      "deno.lock": MS_LOCK,
      "commands.ts": 'import about from "npm:ms@^2/package.json" with { type: "json" };\n' +
        "export const value = () => about.version;",
    },
    gives: "2.1.1",
  },
  {
    name: "a lock file of another name",
    files: {
      "deno.json": { lock: "locks/one.lock" },
      "locks/one.lock": MS_LOCK,
      "commands.ts": 'import about from "npm:ms@^2/package.json" with { type: "json" };\n' +
        "export const value = () => about.version;",
    },
    gives: "2.1.1",
  },
  {
    name: "a lock file by flag",
    files: {
      "deno.json": {},
      "one.lock": MS_LOCK,
      "commands.ts": 'import about from "npm:ms@^2/package.json" with { type: "json" };\n' +
        "export const value = () => about.version;",
    },
    flags: ["--lock=FOLDER/one.lock"],
    gives: "2.1.1",
  },
  {
    name: "package.json and node_modules",
    files: {
      ...NODE_MODULES,
      "package.json": PACKAGE_JSON,
      "own.ts": 'export const own = "#own";',
      "src/commands.ts": USES_PACKAGES,
    },
    module: "src/commands.ts",
    gives: ["inner", "own", "late", "deep", "#own"],
  },
  {
    name: "package.json beside deno.json",
    files: {
      ...NODE_MODULES,
      "package.json": PACKAGE_JSON,
      "deno.json": { imports: { "@x": "./x.ts" } },
      "x.ts": 'export const x = "x";',
      "own.ts": 'export { x as own } from "@x";',
      "src/commands.ts": USES_PACKAGES,
    },
    module: "src/commands.ts",
    gives: ["inner", "own", "late", "deep", "x"],
  },
  {
    name: "a workspace of npm",
    files: {
      ...NODE_MODULES,
      "package.json": { name: "root", private: true, workspaces: ["packages/*"] },
      "packages/lib/package.json": { name: "lib", version: "1.0.0", exports: "./mod.ts" },
      "packages/lib/mod.ts": 'export const lib = "lib";',
      "node_modules/lib": "->packages/lib",
      "packages/app/package.json": {
        name: "app",
        type: "module",
        dependencies: { common: "1.2.3", lib: "1.0.0" },
      },
      "packages/app/commands.ts": `import common from "common";
import { lib } from "lib";
export const value = () => [common.inner, lib];`,
    },
    module: "packages/app/commands.ts",
    gives: ["inner", "lib"],
  },
  {
    name: "node_modules that Deno keeps",
    files: {
      "deno.json": { nodeModulesDir: "auto", imports: { ms: "npm:ms@2.1.1" } },
      "commands.ts": `import ms from "ms";
import other from "npm:ms@2.1.3/package.json" with { type: "json" };
export const value = () => [ms("1s"), other.version];`,
    },
    gives: [1000, "2.1.3"],
  },
  {
    name: "a package of npm",
    files: {
      "commands.ts": 'import ms from "npm:ms@2.1.3";\nexport const value = () => ms("1s");',
    },
    gives: 1000,
  },
  {
    name: "a package of jsr",
    files: {
      "deno.json": { imports: { "@std/uuid": "jsr:@std/uuid@1.1.1" } },
      "commands.ts":
        'import { validate } from "@std/uuid";\nexport const value = () => validate("");',
    },
    gives: false,
  },
  {
    name: "a package of jsr without a configuration",
    files: {
      "commands.ts": 'import { validate } from "jsr:@std/uuid@1.1.1";\n' +
        'export const value = () => validate("");',
    },
    gives: false,
  },
];
