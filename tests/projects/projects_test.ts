// What a command gives does not depend on where it runs, whatever the project is like.
import { assertEquals, assertMatch } from "@std/assert";
import { ROWS } from "./rows.ts";
import type { ScratchFolder } from "../scratch_folder.ts";
import { copyPackage, tryRow } from "./try_row.ts";

let copy: ScratchFolder;

Deno.test.beforeAll(async () => {
  copy = await copyPackage();
});

Deno.test.afterAll(async () => {
  await copy[Symbol.asyncDispose]();
});

for (const row of ROWS) {
  Deno.test(`a command gives the same plainly, in a worker and in a process: ${row.name}`, async () => {
    const { gives } = row;
    assertEquals(await tryRow(row, copy), { plain: gives, worker: gives, process: gives });
  });
}

Deno.test("a project may use the module of contracts and a schema library, and nothing else of this package", async () => {
  const row = {
    name: "contracts",
    files: {
      "deno.json": {
        imports: {
          "@kafka-rpc/deno/command": copy.url("src/contract/command.ts").href,
          zod: "npm:zod@4.6.7",
        },
      },
      "commands.ts": `import { command } from "@kafka-rpc/deno/command";
import { z } from "zod";
const length = z.string().default("four").transform((text) => text.length);
export const value = command({ input: length, output: z.number() }, (n) => n + 1);`,
    },
    gives: 5,
  };
  assertEquals(await tryRow(row, copy), { plain: 5, worker: 5, process: 5 });
});

const WRONG_HASH = {
  name: "a wrong hash",
  files: {
    "deno.json": {},
    "deno.lock": {
      version: "5",
      specifiers: { "npm:ms@2.1.3": "2.1.3" },
      npm: { "ms@2.1.3": { integrity: `sha512-${"A".repeat(86)}==` } },
    },
    "commands.ts": 'import ms from "npm:ms@2.1.3";\nexport const value = () => ms("1s");',
  },
  gives: undefined,
};

Deno.test("a wrong hash in the lock file refuses the start, whatever lies in the cache", async () => {
  assertMatch(
    String((await tryRow(WRONG_HASH, copy)).process),
    /another hash for npm:ms@2\.1\.3|checksum/,
  );
});
