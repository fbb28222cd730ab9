// What is said of a module that does not load, or takes its time.
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { serve } from "../../src/server/server.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { hurriedClock } from "../clock.ts";
import { type LogLine, RecordingLogger } from "../recording_logger.ts";
import { ScratchFolder } from "../scratch_folder.ts";

const HANGS = "data:text/javascript,setInterval(() => {}, 1e6); await new Promise(() => {});" +
  "export const value = () => 1;";

/** Serves a module that can't be loaded, and gives the error. */
async function refusal(commands: URL, options: Partial<ServeOptions> = {}): Promise<RpcError> {
  const transport = new MemoryBroker().transport();
  const all = { logger: silentLogger, concurrency: 1, ...options, commands, transport };
  return await assertRejects(async () => (await serve(all)).close(), RpcError);
}

for (const isolation of ["process", "worker"] as const) {
  Deno.test(`a module that hangs is refused after limits.loadMs, with what to look for: ${isolation}`, async () => {
    const { code, message } = await refusal(new URL(HANGS), { isolation, limits: { loadMs: 50 } });
    assertEquals(code, "failed_precondition");
    assertMatch(message, /not ready in 50 ms\. Look at its top level .* database .*limits\.loadMs/);
  });

  Deno.test(`a module that hangs is a line of the log after a second, and again: ${isolation}`, async () => {
    using _ = hurriedClock();
    const logger = new RecordingLogger();
    const controller = new AbortController();
    const { signal } = controller;
    const refused = refusal(new URL(HANGS), { isolation, logger, signal }).catch(() => "aborted");
    const text = "the commands are still loading, the top level of their module has not ended";
    const about = (lines: readonly LogLine[]) => lines.filter(({ message }) => message === text);
    const lines = await logger.lines.until(
      (lines) => about(lines).length === 2,
      "two lines about a module that is loading",
    );
    assertEquals(about(lines).map(({ fields }) => fields["ms"]), [1_000, 3_000]);
    controller.abort(new RpcError("canceled", "enough"));
    await refused;
  });

  for (
    const [what, then] of [
      ["does nothing", "export function then() {}"],
      ["resolves another object", "export const then = (done) => done({ add: () => 666 });"],
      ["rejects", "export const then = (_, fail) => fail(new Error('no'));"],
    ]
  ) {
    Deno.test(`an export named then that ${what} is refused with its reason: ${isolation}`, async () => {
      const source = `export const add = () => 1; ${then}`;
      const commands = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
      const { message } = await refusal(commands, { isolation });
      assertStringIncludes(message, 'it exports a function "then"');
    });
  }

  Deno.test(`a module that throws when it is loaded is refused with file and line: ${isolation}`, async () => {
    await using folder = await ScratchFolder.create({
      "commands.ts": "export const value = () => 1;\n\nnull!.field;",
    });
    const { message } = await refusal(folder.url("commands.ts"), { isolation });
    assertMatch(message, /TypeError: .*, at file:\S*commands\.ts:3:\d+\. Correct the module/);
  });
}

const NEEDS: readonly (readonly [source: string, option: string])[] = [
  ['Deno.env.get("DATABASE_URL");', 'permissions: { env: ["DATABASE_URL"] }'],
  ['await fetch("http://127.0.0.1:19092/");', 'permissions: { net: ["127.0.0.1:19092"] }'],
  ['Deno.readTextFileSync("/etc/hostname");', 'permissions: { read: ["/etc/hostname"] }'],
  ["Deno.hostname();", 'permissions: { sys: ["hostname"] }'],
  ['import "/etc/hostname" with { type: "text" };', 'permissions: { read: ["/etc/hostname"] }'],
];
for (const [source, option] of NEEDS) {
  Deno.test(`the error of a module that needs a permission to load names the option: ${option}`, async () => {
    await using folder = await ScratchFolder.create({
      "commands.ts": `\n${source}\nexport const value = () => 1;`,
    });
    const { message } = await refusal(folder.url("commands.ts"));
    assertStringIncludes(message, option);
    assertMatch(message, /commands\.ts:2:\d+/);
    assert(!message.includes("--allow-"), message);
  });
}

Deno.test("an import that is not there is refused with the file and line of the import", async () => {
  await using folder = await ScratchFolder.create({
    "commands.ts": 'import { a } from "./lib.ts";\nexport const value = () => a;',
    "lib.ts": '\nexport { a } from "./absent.ts";',
  });
  const { message } = await refusal(folder.url("commands.ts"));
  assertMatch(message, /absent\.ts", at file:\S*lib\.ts:2:19\. Correct the module/);
});
