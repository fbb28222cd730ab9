// What an operator reads in the log about commands that fail.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { Counter } from "./counter.ts";

const commands = {
  fail: () => {
    throw new TypeError("boom");
  },
  refuse: () => {
    throw new RpcError("permission_denied", "not yours");
  },
  big: () => 1n,
  // Errors that look like an RpcError in one way or another, and are none.
  disguised: () => {
    throw Object.assign(new TypeError("boom"), { stack: "RpcError: nothing to see" });
  },
  codeless: () => {
    const stack = "RpcError: boom";
    throw Object.assign(new Error("boom"), { name: "RpcError", code: "none of them", stack });
  },
  denied: () => {
    throw Object.assign(new Deno.errors.NotCapable("Requires read access"), {
      stack: "RpcError: nothing to see",
    });
  },
};

/** Lines about failures, after this command was answered. */
async function linesAfter(command: string) {
  const logger = new RecordingLogger();
  await using counter = await Counter.open({ commands, logger });
  const reply = await counter.ask(command);
  const lines = logger.lines.items.filter(({ message }) => message === "a command failed");
  return { reply, lines };
}

Deno.test("a command that throws by mistake is logged, with its stack", async () => {
  const { lines: [line] } = await linesAfter("fail");
  assertStringIncludes(String(line?.fields["error"]), "TypeError: boom\n    at ");
});

Deno.test("the line of a failed command has what finds its call", async () => {
  const { lines: [line], reply } = await linesAfter("fail");
  const { id, command, code } = line?.fields ?? {};
  assertEquals([id, command, code], [reply.key, "fail", "unknown"]);
});

Deno.test("a result that cannot be sent is logged", async () => {
  const { lines: [line] } = await linesAfter("big");
  assertStringIncludes(String(line?.fields["error"]), "a BigInt");
});

Deno.test("an RpcError that a command throws is for its caller alone", async () => {
  assertEquals((await linesAfter("refuse")).lines, []);
});

for (const command of ["disguised", "codeless", "denied"]) {
  Deno.test(`an error is logged however much it looks like an RpcError: ${command}`, async () => {
    assertEquals((await linesAfter(command)).lines.length, 1);
  });
}

Deno.test("the last failures of a server are reported when it closes", async () => {
  const logger = new RecordingLogger();
  {
    await using counter = await Counter.open({ commands, logger });
    for (let i = 0; i < 3; i++) await counter.ask("fail");
  }
  const lines = logger.lines.items.filter(({ message }) => message === "a command failed");
  const reported = lines.map(({ fields }) => 1 + Number(fields["unreported"] ?? 0));
  assertEquals(reported.reduce((sum, count) => sum + count), 3);
});

Deno.test("what a sandboxed command was denied is logged by name, and not sent to its caller", async () => {
  const logger = new RecordingLogger();
  const module = new URL("../executor/fixtures/commands.ts", import.meta.url);
  await using counter = await Counter.open({ commands: module, concurrency: 1, logger });
  const { message } = await counter.ask("readEnvironment");
  const line = logger.lines.items.find(({ message }) => message === "a command failed");
  assertStringIncludes(String(line?.fields["error"]), "KAFKA_RPC_SECRET");
  assertEquals(message.includes("KAFKA_RPC_SECRET"), false);
});
