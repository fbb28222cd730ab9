// Commands as servers describe them, wherever they run.
import { assertEquals } from "@std/assert";
import type { ServeOptions } from "../../src/server/options.ts";
import type { CommandInfo } from "../../src/wire/discovery.ts";
import { ask, Fleet } from "./fleet.ts";
import * as described from "./fixtures/described.ts";

const module = new URL("./fixtures/described.ts", import.meta.url);
const CODEC = new URL("../../src/wire/codecs/cbor.ts", import.meta.url);

const PLACES: readonly [string, Partial<ServeOptions>][] = [
  ["in process", { commands: { ...described } }],
  ["in a worker", { commands: module, isolation: "worker", concurrency: 1 }],
  ["in a child process", { commands: module, concurrency: 1 }],
];

for (const [place, options] of PLACES) {
  Deno.test(`commands that run ${place} are described by their contracts`, async () => {
    await using fleet = new Fleet();
    await fleet.serve({ ...options, codecs: [CODEC] });
    const { servers: [server] } = await ask(await fleet.connect(), "info");
    const byName = (one: CommandInfo, other: CommandInfo) => one.name < other.name ? -1 : 1;
    const [count, half, plain] = [...server!.commands].sort(byName);
    assertEquals([count!.kind, plain!.kind, plain!.summary], ["stream", "call", undefined]);
    const { kind, summary, input, output, timeoutMs } = half!;
    assertEquals({ kind, summary, input, output, timeoutMs }, {
      kind: "call",
      summary: "Halves a number.",
      input: { type: "number" },
      output: { type: "number" },
      timeoutMs: 1_000,
    });
    assertEquals(server!.codecs.includes("application/cbor"), true);
  });
}

Deno.test("an answer with more commands than a record holds says how many are left out", async () => {
  await using fleet = new Fleet();
  const names = Array.from({ length: 2_000 }, (_, n) => `${n}`.padStart(200, "x"));
  await fleet.serve({ commands: Object.fromEntries(names.map((name) => [name, () => 1])) });
  const { servers: [server] } = await ask(await fleet.connect(), "info");
  const { commands, commandsOmitted } = server!;
  assertEquals(commands.length + commandsOmitted!, names.length);
});
