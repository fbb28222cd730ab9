// `--json` of the commands whose other tests look at lines.
import { assertEquals } from "@std/assert";
import { fileURLToPath as fromFileUrl } from "node:url";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { Place } from "../place.ts";
import { Script } from "../script.ts";
import { rpc, values } from "./program.ts";

const MAIN = "../../../src/cli/main.ts";
const CONTRACT = fromFileUrl(new URL("../../../examples/validated/math.ts", import.meta.url));
const MODULE = fromFileUrl(new URL("../fixtures/dated.ts", import.meta.url));
/** Commands whose own tests read their JSON. */
const ELSEWHERE = ["call", "doctor", "latency", "ls", "ping", "stats", "tail", "topics", "trace"];
/** All others, and a part of the values that each writes. */
const RUNS: readonly [part: string, ...args: string[]][] = [
  ["versions", "describe", "add"],
  ["commands", "top", "--interval", "50ms", "--count", "1"],
  ["n", "stream", "count", "3"],
  ["ok", "send", "add", '{"a":1,"b":2}'],
  ["rights", "acls", "--principal", "User:a"],
  ["reason", "dlt", "ls"],
  ["headers", "dlt", "show", "0@0"],
  ["sent", "dlt", "replay", "0@0", "--dry-run"],
  ["channels", "asyncapi", CONTRACT],
  ["script", "completion", "fish"],
];

Deno.test("a script reads JSON", async (t) => {
  await using place = new Place();
  await place.serve({
    commands: {
      add: ({ a, b }: { a: number; b: number }) => a + b,
      async *count(to: number) {
        for (let n = 1; n <= to; n++) yield await Promise.resolve({ n });
      },
    },
    deadLetters: true,
  });
  const letters = await place.read(`${place.topic}-dlt`);
  const headers = { "rpc-version": "many", "rpc-command": "add" };
  await place.produce({ topic: place.topic, key: "k", value: "null", headers });
  await letters.at(0);

  for (const [part, ...args] of RUNS) {
    await t.step(`${args[0]} has ${part} in each line; exit code 0`, async () => {
      const ending = await rpc([...args, "--json", "--topic", place.topic]);
      const all = values(ending) as object[];
      const found = [ending.code, all.length > 0 && all.every((value) => part in value)];
      assertEquals(found, [0, true], ending.stdout + ending.stderr);
    });
  }

  await t.step("serve: a value once it serves", async () => {
    await using script = new Script(MAIN, "serve", MODULE, "--json", "--topic", place.topic);
    const { state, topic } = JSON.parse(await script.lines.at(0));
    assertEquals([state, topic], ["serving", place.topic]);
  });

  await t.step("these are all commands", () => {
    const here = [...RUNS.map(([, name]) => name!), "serve"];
    const all = COMMANDS.map(({ name }) => name).sort();
    assertEquals([...new Set([...here, ...ELSEWHERE])].sort(), all);
  });
});
