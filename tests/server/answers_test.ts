// What a server answers to a request, from the outside: one record in, one record out.
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CommandContext } from "../../src/executor/executor.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { Counter } from "./counter.ts";

const commands = {
  add: ({ a, b }: { a: number; b: number }) => a + b,
  nothing: () => undefined,
  fail: () => {
    throw new TypeError("boom");
  },
  refuse: () => {
    throw new RpcError("aborted", "not today", { details: { until: "noon" } });
  },
  about: (_: unknown, { id, command, attempt, metadata, trace, deadline }: CommandContext) => ({
    id,
    command,
    attempt,
    trace,
    metadata: { ...metadata },
    hasDeadline: deadline > Date.now(),
  }),
  forever: () => new Promise<never>(() => {}),
  large: (n: number) => "x".repeat(n),
  big: () => 1n,
};
const open = (options = {}) => Counter.open({ commands, ...options });

Deno.test("a request is answered under its key, with its result", async () => {
  await using counter = await open();
  counter.send("id1", "add", { a: 1, b: 2 });
  const { key, value, status } = await counter.reply("id1");
  assertEquals([key, value, status], ["id1", 3, "ok"]);
});

Deno.test("a reply names the server that wrote it", async () => {
  await using counter = await open();
  assertEquals((await counter.ask("nothing")).headers["rpc-server"], counter.server.id);
});

Deno.test("a result of undefined is undefined", async () => {
  await using counter = await open();
  assertEquals((await counter.ask("nothing")).value, undefined);
});

Deno.test("a thrown error is answered as unknown, with name and message", async () => {
  await using counter = await open();
  const { status, headers } = await counter.ask("fail");
  assertEquals([status, JSON.parse(headers["rpc-error"]!)], [
    "unknown",
    { name: "TypeError", message: "boom" },
  ]);
});

Deno.test("the stack is sent where the server chose to", async () => {
  await using counter = await open({ sendStacks: true });
  const { stack } = JSON.parse((await counter.ask("fail")).headers["rpc-error"]!);
  assertStringIncludes(stack, "answers_test.ts");
});

Deno.test("a thrown RpcError chooses its code and details", async () => {
  await using counter = await open();
  const { status, headers } = await counter.ask("refuse");
  assertEquals([status, JSON.parse(headers["rpc-error"]!).details], ["aborted", { until: "noon" }]);
});

Deno.test("a command sees id, name, attempt, metadata and trace of its call", async () => {
  await using counter = await open();
  const { value } = await counter.ask("about", 1, {
    "rpc-id": "id7",
    "rpc-attempt": "2",
    "tenant": "acme",
    "traceparent": "00-1-2-01",
  });
  assertEquals(value, {
    id: "id7",
    command: "about",
    attempt: 2,
    metadata: { tenant: "acme" },
    trace: { traceparent: "00-1-2-01" },
    hasDeadline: true,
  });
});

Deno.test("a command over limits.timeoutMs is answered with deadline_exceeded", async () => {
  await using counter = await open({ limits: { timeoutMs: 10 } });
  assertEquals((await counter.ask("forever")).status, "deadline_exceeded");
});

Deno.test("a command over its caller's deadline is answered with deadline_exceeded", async () => {
  await using counter = await open();
  const deadline = { "rpc-deadline": String(Date.now() + 30) };
  assertEquals((await counter.ask("forever", 1, deadline)).status, "deadline_exceeded");
});

Deno.test("an expired request never starts, is counted, and its caller hears of it", async () => {
  let started = 0;
  await using counter = await Counter.open({ commands: { start: () => ++started } });
  const { status } = await counter.ask("start", 1, { "rpc-deadline": String(Date.now() - 1_000) });
  assertEquals([status, started, counter.server.counts.expired], ["deadline_exceeded", 0, 1]);
});

Deno.test("a request that expired long ago is counted, and gets no reply", async () => {
  await using counter = await open();
  counter.send("old", "nothing", 1, { "rpc-deadline": "1000" });
  await counter.ask("nothing");
  assertEquals([counter.replies.items.length, counter.server.counts.expired], [1, 1]);
});

Deno.test("a request that expired long ago is logged, with how late it came", async () => {
  const logger = new RecordingLogger();
  await using counter = await open({ logger });
  counter.send("old", "nothing", 1, { "rpc-deadline": String(Date.now() - 120_000) });
  await counter.ask("nothing");
  const [line] = logger.lines.items.filter(({ level }) => level === "warn");
  assertStringIncludes(String(line?.message), "came long after its deadline");
  const { id, lateMs } = line?.fields ?? {};
  assertEquals([id, Number(lateMs) >= 120_000], ["old", true]);
});

Deno.test("requests that expired long ago are logged once an interval, and all counted", async () => {
  const logger = new RecordingLogger();
  {
    await using counter = await open({ logger });
    for (let i = 0; i < 5; i++) counter.send(`old${i}`, "nothing", 1, { "rpc-deadline": "1000" });
    await counter.ask("nothing");
  }
  const lines = logger.lines.items.filter(({ level }) => level === "warn");
  assertEquals(lines.map(({ fields }) => fields["unreported"]), [undefined, 3]);
});

Deno.test("an unknown command is not_found, with near misses", async () => {
  await using counter = await open();
  const { status, message } = await counter.ask("ad");
  assertEquals(status, "not_found");
  assertStringIncludes(message, 'Did you mean "add"');
});

for (const name of ["__proto__", "constructor", "then", "toString", "hasOwnProperty", "default"]) {
  Deno.test(`${name} is not_found`, async () => {
    await using counter = await open();
    assertEquals((await counter.ask(name)).status, "not_found");
  });
}

Deno.test("eval is not_found where the server does not evaluate", async () => {
  await using counter = await open();
  assertEquals((await counter.ask("eval", "1 + 1")).status, "not_found");
});

Deno.test("a value that is not JSON is invalid_argument", async () => {
  await using counter = await open();
  counter.append({
    key: "id1",
    value: "{oops",
    headers: { "rpc-version": "1", "rpc-command": "add" },
  });
  const { status, message } = await counter.reply("id1");
  assertEquals(status, "invalid_argument");
  assertStringIncludes(message, "the value is not JSON");
});

Deno.test("an unknown content type is invalid_argument", async () => {
  await using counter = await open();
  const reply = await counter.ask("add", 1, { "content-type": "application/avro" });
  assertEquals(reply.status, "invalid_argument");
});

Deno.test("an over-large request is resource_exhausted, with both sizes", async () => {
  await using counter = await open({ limits: { requestBytes: 10 } });
  const { status, message } = await counter.ask("add", "x".repeat(20));
  assertEquals(status, "resource_exhausted");
  assertStringIncludes(message, "22 bytes, the limit of this server is 10");
});

Deno.test("metadata counts towards limits.requestBytes", async () => {
  await using counter = await open({ limits: { requestBytes: 10 } });
  const { message } = await counter.ask("add", 1, { tenant: "Grüße" });
  assertStringIncludes(message, "14 bytes, the limit of this server is 10");
});

Deno.test("an over-large result is resource_exhausted, with both sizes", async () => {
  await using counter = await open({ limits: { resultBytes: 10 } });
  const { status, message } = await counter.ask("large", 20);
  assertEquals(status, "resource_exhausted");
  assertStringIncludes(message, "it has 22 bytes, the limit is 10");
});

Deno.test("a result that JSON would change is internal", async () => {
  await using counter = await open();
  const { status, message } = await counter.ask("big");
  assertEquals(status, "internal");
  assertStringIncludes(message, "BigInt");
});

Deno.test("the counts show what succeeded and what failed", async () => {
  await using counter = await open();
  await counter.ask("nothing");
  await counter.ask("fail");
  await counter.ask("absent");
  const { received, succeeded, failed, running, lost } = counter.server.counts;
  assertEquals([received, succeeded, failed, running, lost], [3, 1, 2, 0, 0]);
});
