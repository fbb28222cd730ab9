// What a client believes of the answers of servers about themselves.
import { assertEquals, assertThrows } from "@std/assert";
import type { Reply } from "../../src/client/results_stream.ts";
import { readAnswer } from "../../src/client/server_answers.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { JSON_TYPE } from "../../src/wire/headers.ts";
import { utf8 } from "../../src/wire/utf8.ts";

const SERVER = "server-1";
const PING = {
  server: SERVER,
  version: "1",
  protocol: 1,
  topic: "commands",
  group: "commands-servers",
  startedAt: "2026-01-01T00:00:00.000Z",
  state: "serving",
  partitions: [0],
};
const POLICY = { timeoutMs: 1, queueMs: 1, requestBytes: 1, idempotent: false, priority: 0 };

/** The answer of a server whose one command takes what a schema of so many levels says. */
function infoOf(levels: number): Reply {
  const input = `${'{"items":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
  const command = { name: "add", kind: "call", ...POLICY, input: "INPUT" };
  const info = { ...PING, commands: [command], concurrency: 1, limits: {}, codecs: [] };
  const bytes = utf8(JSON.stringify(info).replace('"INPUT"', input));
  const outcome = { ok: true, output: { bytes, contentType: JSON_TYPE } } as const;
  return { kind: "reply", id: "1", outcome, server: SERVER } as unknown as Reply;
}

Deno.test("the schemas of a server are read", () => {
  assertEquals(readAnswer("info", infoOf(200)).commands.map(({ name }) => name), ["add"]);
});

Deno.test("an answer with schemas deeper than any is refused", () => {
  const { code } = assertThrows(() => readAnswer("info", infoOf(10_000)), RpcError, "`commands`");
  assertEquals(code, "data_loss");
});
