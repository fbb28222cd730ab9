import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Command, createRunner } from "../../../src/executor/inside/run_command.ts";
import { codecsWith } from "../../../src/wire/codecs/codecs.ts";
import { describe } from "../../../src/wire/describe.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import { EVAL_COMMAND } from "../../../src/wire/headers.ts";
import { job, never, resultOf } from "../jobs.ts";

const PARTS = { codecs: codecsWith(), describe, evalCommand: EVAL_COMMAND };
const runner = (command: Command | undefined, resultBytes = 1_000) =>
  createRunner({ ...PARTS, resultBytes, find: () => command });

const run = async (command: Command | undefined, input?: unknown, resultBytes?: number) =>
  resultOf(await runner(command, resultBytes)(job("work", input), never));

Deno.test("a command gets its input and gives its result", async () => {
  assertEquals(await run((n: number) => 2 * n, 21), 42);
});

Deno.test("a promise is awaited", async () => {
  assertEquals(await run(() => Promise.resolve("later")), "later");
});

Deno.test("a thenable is awaited", async () => {
  assertEquals(await run(() => ({ then: (done: (value: number) => void) => done(5) })), 5);
});

Deno.test("a command that is not there is not_found", async () => {
  assertEquals(await run(undefined), 'not_found: Cannot run "work": no such command.');
});

Deno.test("a command that throws is unknown", async () => {
  const fail = () => {
    throw new TypeError("boom");
  };
  assertEquals(await run(fail), "unknown: boom");
});

Deno.test("a command that rejects is unknown", async () => {
  assertEquals(await run(() => Promise.reject(new Error("boom"))), "unknown: boom");
});

Deno.test("a command that throws an RpcError chooses the code", async () => {
  assertEquals(await run(() => Promise.reject(new RpcError("aborted", "no"))), "aborted: no");
});

Deno.test("an input that can't be read is invalid_argument, and nothing runs", async () => {
  let ran = false;
  const bad = { ...job("work"), input: { bytes: Uint8Array.of(123), contentType: "text/x" } };
  const outcome = await runner(() => ran = true)(bad, never);
  assertEquals([!outcome.ok && outcome.failure.code, ran], ["invalid_argument", false]);
});

Deno.test("a result over the limit is resource_exhausted, with both sizes", async () => {
  const text = await run(() => "x".repeat(20), undefined, 10);
  assertStringIncludes(String(text), "resource_exhausted: Cannot send the result");
  assertStringIncludes(String(text), "it has 22 bytes, the limit is 10");
});

Deno.test("a result at the limit is sent", async () => {
  assertEquals(await run(() => "x".repeat(8), undefined, 10), "x".repeat(8));
});

for (const result of [NaN, 1n, () => 1, new Map([[1, 1]])]) {
  Deno.test(`a result of ${Deno.inspect(result)} is internal: JSON would change it`, async () => {
    assertStringIncludes(String(await run(() => result)), "internal: Cannot send the result");
  });
}

Deno.test("a result whose toJSON throws is internal", async () => {
  const result = {
    toJSON() {
      throw new Error("no");
    },
  };
  assertEquals(await run(() => result), 'internal: Cannot send the result of "work": no.');
});

Deno.test("a result as text is String(result)", async () => {
  const outcome = await runner(() => ({}))(job("work", undefined, "text"), never);
  assertEquals(resultOf(outcome), "[object Object]");
});

Deno.test("a result that has no text is internal", async () => {
  const outcome = await runner(() => Object.create(null))(job("work", undefined, "text"), never);
  assertEquals(!outcome.ok && outcome.failure.code, "internal");
});

Deno.test("a command sees the signal and the context of its job", async () => {
  const { signal } = new AbortController();
  let seen: unknown;
  await runner((_, context) => seen = [context.id, context.command, context.signal])(
    job("work"),
    signal,
  );
  assertEquals(seen, ["id1", "work", signal]);
});

Deno.test("a getter of a result that is denied an access is permission_denied, without the path", async () => {
  const denied = Object.assign(new Error('Requires read access to "/x", run again with …'), {
    name: "NotCapable",
  });
  const result = {
    get text() {
      throw denied;
    },
  };
  const advice = "Grant it in `permissions` of the server, if the command should have it.";
  assertEquals(
    await run(() => result),
    `permission_denied: Cannot run "work": it has no permission "read". ${advice}`,
  );
});
