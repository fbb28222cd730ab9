// One list of rights: the documentation, `acls` and `doctor` say the same.
import { assertEquals } from "@std/assert";
import { acls } from "../../src/cli/acls.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import { connectionOf } from "../../src/cli/connection.ts";
import { CONNECTION_FLAGS } from "../../src/cli/connection_flags.ts";
import { rightsOf } from "../../src/cli/rights.ts";
import { KeptSink } from "./sink.ts";

const DOCS = new URL("../../docs/rights.md", import.meta.url);
const brokers = ["--brokers", "kafka:9092"];
const connection = connectionOf(parseArguments(brokers, CONNECTION_FLAGS), new Map());

Deno.test("the rights are those of the table in docs/rights.md", () => {
  const row = /^\| (client|server) +\| (\w+) +\| (topic|group) `([^`]+)`/gm;
  const documented = [...Deno.readTextFileSync(DOCS).matchAll(row)]
    .map(([, side, operation, resource, name]) => `${side} ${operation} ${resource} ${name}`);
  const known = rightsOf(connection, { deadLetters: true })
    .map(({ side, operation, resource, name }) => `${side} ${operation} ${resource} ${name}`);
  assertEquals(known, documented);
});

async function linesFor(...args: string[]): Promise<string[]> {
  const sink = new KeptSink();
  const given = parseArguments(args, acls.flags);
  const { signal } = new AbortController();
  await acls.run({ args: given, connection, output: sink.output(), signal });
  return sink.text.trim().split("\n");
}

Deno.test("a client's lines grant what docs/rights.md grants", async () => {
  const add = "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal User:a";
  assertEquals(await linesFor("--principal", "User:a", "--role", "client"), [
    `${add} --operation Write --topic commands`,
    `${add} --operation Read --topic commands_results`,
    `${add} --operation Write --topic commands_control`,
    `${add} --operation Describe --group commands-servers`,
  ]);
});

Deno.test("a principal with a space is quoted for the shell", async () => {
  const [line] = await linesFor("--principal", "User:CN=a, O=it's", "--role", "client");
  assertEquals(line?.includes(`--allow-principal 'User:CN=a, O=it'\\''s' --operation`), true, line);
});
