// What `call` writes of one call.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseArguments } from "../../src/cli/arguments.ts";
import { call, callOnce } from "../../src/cli/call.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Hall } from "../streams/hall.ts";
import { KeptSink } from "./sink.ts";

async function* count() {
  yield 1;
}

/** What a call of a command without an input writes, and its exit code. */
async function called(
  command: string,
  commands: Record<string, () => unknown>,
  { json = false } = {},
): Promise<{ sink: KeptSink; code: number }> {
  await using hall = new Hall();
  const client = await hall.both(commands);
  const sink = new KeptSink();
  const invocation = { args: parseArguments([], call.flags), output: sink.output({ json }) };
  const code = await callOnce(client, { command, input: null, options: {} }, invocation);
  return { sink, code };
}

const ADVICE = 'Cannot call "count": it is a stream. Use `rpc stream`.';

Deno.test("a stream that is called by the command line names the command for streams", async () => {
  const { sink, code } = await called("count", { count });
  assertEquals([sink.errors.split("\n")[0], code], [`invalid_argument (remote): ${ADVICE}`, 1]);
});

Deno.test("the same with --json, beside the id of the call", async () => {
  const { sink } = await called("count", { count }, { json: true });
  const { error } = JSON.parse(sink.text);
  assertEquals([error.message, typeof error.id], [ADVICE, "string"]);
});

Deno.test("what a command itself says of client.stream() keeps its text", async () => {
  const refuse = () => {
    throw new RpcError("invalid_argument", "Cannot go on. Use `client.stream()`.");
  };
  const { sink } = await called("refuse", { refuse });
  assertStringIncludes(sink.errors, "Cannot go on. Use `client.stream()`.");
});
