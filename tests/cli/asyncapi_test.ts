// The document of a module, from the command line.
import { assertEquals, assertRejects } from "@std/assert";
import { fileURLToPath as fromFileUrl } from "node:url";
import { parseArguments } from "../../src/cli/arguments.ts";
import { asyncapi } from "../../src/cli/asyncapi.ts";
import { connectionOf } from "../../src/cli/connection.ts";
import { CONNECTION_FLAGS } from "../../src/cli/connection_flags.ts";
import { math } from "../../examples/validated/math.ts";
import { ScratchFolder } from "../scratch_folder.ts";
import { KeptSink } from "./sink.ts";

const fileOf = (path: string) => fromFileUrl(new URL(`../../${path}`, import.meta.url));
const COMMAND = fileOf("src/contract/command.ts");

async function document(file: string, ...flags: string[]) {
  const args = parseArguments([file, ...flags], { ...CONNECTION_FLAGS, ...asyncapi.flags });
  const sink = new KeptSink();
  const connection = connectionOf(args, new Map());
  const { signal } = new AbortController();
  await asyncapi.run({ args, connection, output: sink.output(), signal });
  return { ...JSON.parse(sink.text), notes: sink.errors };
}

Deno.test("a module of a contract gives its document, by topic and brokers", async () => {
  const file = fileOf("examples/validated/math.ts");
  const { info, servers, operations, channels } = await document(
    file,
    ...["--topic", "math", "--brokers", "kafka:9092", "--service-version", "1.2.0"],
  );
  assertEquals([info, servers, Object.keys(operations), channels.commands.address], [
    { title: "math", version: "1.2.0" },
    { "broker-1": { host: "kafka:9092", protocol: "kafka" } },
    Object.keys(math),
    "math",
  ]);
});

Deno.test("a module of commands gives its document", async () => {
  const { operations } = await document(fileOf("examples/validated/commands.ts"));
  assertEquals(Object.keys(operations).toSorted(), Object.keys(math).toSorted());
});

Deno.test("of several contracts one is chosen by --export", async () => {
  await using folder = await ScratchFolder.create({
    "both.ts": `import { contract } from "file://${COMMAND}";
export const a = contract({ add: { summary: "Adds." } });
export const b = contract({ divide: { summary: "Divides." } });`,
  });
  const file = `${folder.path}/both.ts`;
  const { message } = await assertRejects(() => document(file), Error);
  const { operations } = await document(file, "--export", "b");
  const text = `Cannot describe ${file}: it has the contracts a, b. Choose by --export.`;
  assertEquals([message, Object.keys(operations)], [text, ["divide"]]);
});

Deno.test("a module without a contract is refused", async () => {
  const { message } = await assertRejects(() => document(fileOf("examples/commands.ts")), Error);
  assertEquals(message.includes("it has no contract. Export what contract() returns"), true);
});

Deno.test("a file that is not there is refused", async () => {
  const { message } = await assertRejects(() => document("nowhere.ts"), Error);
  assertEquals(message.startsWith("Cannot import nowhere.ts: "), true, message);
});
