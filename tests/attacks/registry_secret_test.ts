// Registries of the server carry passwords. No caller learns one.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import { ScratchFolder } from "../scratch_folder.ts";
import { Arena } from "./arena.ts";

const REGISTRIES = {
  JSR_URL: "https://user:sesame@jsr.invalid/",
  NPM_CONFIG_REGISTRY: "https://user:sesame@npm.invalid/",
};

/** Runs with registries in the environment, and puts the old ones back. */
async function withRegistries<T>(
  run: () => Promise<T>,
  registries: Readonly<Record<string, string>> = REGISTRIES,
): Promise<T> {
  const before = Object.keys(registries).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, url] of Object.entries(registries)) Deno.env.set(name, url);
  try {
    return await run();
  } finally {
    for (const [name, url] of before) {
      if (url === undefined) Deno.env.delete(name);
      else Deno.env.set(name, url);
    }
  }
}

const IMPORTS = [
  'import("jsr:@std/assert")',
  'import("npm:ms")',
  'import("https://example.invalid/a.ts")',
  'import("file:///etc/passwd")',
  'import("/etc/passwd")',
  'import("./a.ts")',
  'import("bare")',
  'import("data:text/javascript,import%20%22jsr:@std/assert%22")',
  'import("data:text/javascript,import%20%22file:///etc/passwd%22")',
];
for (const code of IMPORTS) {
  Deno.test(`an expression is denied ${code}`, async () => {
    await using arena = await withRegistries(() => Arena.open({ size: 1 }));
    assertMatch(
      await arena.run(code),
      /^permission_denied: Cannot run "eval": it imports a module\./,
    );
  });
}

Deno.test("an expression that looks at the error of its import finds no registry of the server", async () => {
  await using arena = await withRegistries(() => Arena.open({ size: 1 }));
  const got = await arena.run('import("jsr:@std/assert").catch((e) => e.stack)');
  assertStringIncludes(got, "https://jsr.io/");
});

Deno.test("expressions get no variable of a registry", async () => {
  const { env } = await withRegistries(() => childCommand({ permissions: {}, memoryMb: 64 }));
  assertEquals(Object.keys(REGISTRIES).filter((name) => name in env), []);
});

const SOURCE = `
export const load = (specifier: string) => import(specifier);
export const look = (specifier: string) => import(specifier).catch((e) => e.stack);
export const broken = () => import("./broken.ts");
`;
const FILES = { "commands.ts": SOURCE, "broken.ts": "export const a = ;" };

Deno.test("a module that uses npm gets its registry without a password", async () => {
  const module = new URL("./fixtures/with_npm.ts", import.meta.url);
  const { env } = await withRegistries(
    () => childCommand({ module, permissions: {}, memoryMb: 64 }),
    { NPM_CONFIG_REGISTRY: "https://user:sesame@registry.npmjs.org/" },
  );
  assertEquals(env["NPM_CONFIG_REGISTRY"], "https://registry.npmjs.org/");
});

Deno.test("a module that uses no package gets no registry", async () => {
  await using folder = await ScratchFolder.create(FILES);
  const module = folder.url("commands.ts");
  const { env } = await withRegistries(() =>
    childCommand({ module, permissions: {}, memoryMb: 64 })
  );
  assertEquals(Object.keys(REGISTRIES).filter((name) => name in env), []);
});

const FAILING = [
  ["load", "file:///etc/passwd", "permission_denied"],
  ["load", "https://example.invalid/a.ts", "permission_denied"],
  ["load", "npm:absent-package", "permission_denied"],
  ["load", "bare", "unknown"],
  ["broken", null, "permission_denied"],
] as const;
for (const [command, input, code] of FAILING) {
  Deno.test(`a command that fails to import ${input ?? "what is broken"} names no path or host`, async () => {
    await using folder = await ScratchFolder.create(FILES);
    await using arena = await Arena.open({ module: folder.url("commands.ts"), size: 1 });
    const got = await arena.run(input, { command });
    assertEquals([got.split(":", 1)[0], /:\/\/|\/etc|\/tmp|passwd/.test(got)], [code, false]);
  });
}
