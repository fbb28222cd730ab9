// Interceptors of users on a server: what they can do, and what they can't break.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { silentLogger } from "../../src/logging/logger.ts";
import type { Interceptor } from "../../src/pipeline/call.ts";
import { serve } from "../../src/server/server.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { ok } from "../pipeline/call_of.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { within } from "../within.ts";
import { Counter } from "./counter.ts";

const commands = {
  add: ({ a, b }: { a: number; b: number }) => a + b,
  tenant: (_: unknown, { metadata }: { metadata: Record<string, string> }) => metadata["tenant"],
};
const open = (interceptors: readonly Interceptor[], options: ServeOptions = {}) =>
  Counter.open({ commands, interceptors, ...options });
const hang: Interceptor = () => () => new Promise(() => {});

Deno.test("the first interceptor is the outermost", async () => {
  const order: string[] = [];
  const named = (name: string): Interceptor => (next) => async (call) => {
    order.push(`${name} in`);
    const outcome = await next(call);
    order.push(`${name} out`);
    return outcome;
  };
  await using counter = await open([named("a"), named("b")]);
  await counter.ask("add", { a: 1, b: 2 });
  assertEquals(order, ["a in", "b in", "b out", "a out"]);
});

Deno.test("metadata that an interceptor adds is what the command sees", async () => {
  await using counter = await open([
    (next) => (call) => next({ ...call, metadata: { ...call.metadata, tenant: "acme" } }),
  ]);
  assertEquals((await counter.ask("tenant")).value, "acme");
});

Deno.test("metadata that an interceptor adds counts towards limits.requestBytes", async () => {
  await using counter = await open(
    [(next) => (call) => next({ ...call, metadata: { tenant: "x".repeat(50) } })],
    { limits: { requestBytes: 20 } },
  );
  assertEquals((await counter.ask("tenant")).status, "resource_exhausted");
});

Deno.test("an RpcError that an interceptor throws is what the caller gets", async () => {
  await using counter = await open([() => () => {
    throw new RpcError("permission_denied", "Cannot run: no tenant.", { details: { a: 1 } });
  }]);
  const { status, headers } = await counter.ask("add");
  assertEquals([status, JSON.parse(headers["rpc-error"]!).details], ["permission_denied", {
    a: 1,
  }]);
});

Deno.test("any other error of an interceptor is internal, logged once and not echoed", async () => {
  const logger = new RecordingLogger();
  await using counter = await open([() => () => {
    throw new TypeError("the password is 123");
  }], { logger });
  const { status, message } = await counter.ask("add");
  const lines = logger.lines.items.filter(({ level }) => level === "warn");
  assertEquals([status, message.includes("123"), lines.length], ["internal", false, 1]);
  assertStringIncludes(String(lines[0]!.fields["error"]), "the password is 123");
});

Deno.test("an interceptor that breaks the rules is internal, logged and not echoed", async () => {
  const logger = new RecordingLogger();
  const nothing = (() => () => Promise.resolve(undefined)) as unknown as Interceptor;
  await using counter = await open([nothing], { logger });
  const { status, message } = await counter.ask("add");
  const [line] = logger.lines.items.filter(({ level }) => level === "warn");
  assertEquals([status, message.includes("returned no outcome")], ["internal", false]);
  assertStringIncludes(String(line!.fields["error"]), "returned no outcome");
});

Deno.test("an interceptor may answer by itself, and the command does not run", async () => {
  let ran = 0;
  await using counter = await Counter.open({
    commands: { run: () => ++ran },
    interceptors: [() => () => Promise.resolve(ok(7))],
  });
  assertEquals([(await counter.ask("run")).value, ran], [7, 0]);
});

Deno.test("an interceptor runs once a call, not for one that is repeated", async () => {
  let calls = 0;
  await using counter = await open([(next) => (call) => {
    calls++;
    return next(call);
  }]);
  counter.send("id1", "add", { a: 1, b: 2 });
  counter.send("id1", "add", { a: 1, b: 2 });
  await counter.replies.first(2);
  counter.send("id1", "add", { a: 1, b: 2 });
  await counter.replies.first(3);
  assertEquals(calls, 1);
});

Deno.test("an interceptor sees calls of the plain protocol", async () => {
  const seen: string[] = [];
  await using counter = await open([(next) => (call) => {
    seen.push(call.command);
    return next(call);
  }], { evaluate: true, concurrency: 1 });
  counter.append({ key: "id1", value: "1 + 1" });
  assertEquals([(await counter.reply("id1")).value, seen], ["2", ["eval"]]);
});

Deno.test("an interceptor that never settles ends at limits.timeoutMs", async () => {
  await using counter = await open([hang], { limits: { timeoutMs: 10 } });
  assertEquals((await counter.ask("add")).status, "deadline_exceeded");
});

Deno.test("an interceptor that never settles ends at the caller's deadline", async () => {
  await using counter = await open([hang]);
  const deadline = { "rpc-deadline": String(Date.now() + 30) };
  assertEquals((await counter.ask("add", 1, deadline)).status, "deadline_exceeded");
});

Deno.test("a server closes within drainTimeoutMs though an interceptor never settles", async () => {
  const began = Promise.withResolvers<void>();
  const counter = await open([() => () => {
    began.resolve();
    return new Promise(() => {});
  }], { drainTimeoutMs: 1 });
  counter.send("id1", "add");
  await began.promise;
  await within(counter.server.close(), "the end of the server");
  const { status } = await counter.reply("id1");
  await counter[Symbol.asyncDispose]();
  assertEquals(status, "unavailable");
});

Deno.test("a command whose interceptor has answered already is aborted", async () => {
  const aborted = Promise.withResolvers<string>();
  const wait = async (_: unknown, { signal }: { signal: AbortSignal }) => {
    const ended = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => ended.resolve());
    await ended.promise;
    aborted.resolve(signal.reason.code);
  };
  const early: Interceptor = (next) => (call) => {
    void next(call);
    return Promise.resolve(ok(undefined));
  };
  await using counter = await Counter.open({ commands: { wait }, interceptors: [early] });
  assertEquals((await counter.ask("wait")).status, "ok");
  assertEquals(await within(aborted.promise, "the abort"), "canceled");
});

Deno.test("a released call is not answered, whatever its interceptor makes of it", async () => {
  const always: Interceptor = (next) => async (call) => {
    await next(call);
    return ok(1);
  };
  const gate = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const hold = async () => {
    began.resolve();
    await gate.promise;
  };
  const options = { commands: { hold }, interceptors: [always], concurrency: 1 };
  const counter = await Counter.open(options);
  counter.send("id1", "hold");
  await began.promise;
  counter.send("id2", "hold");
  const closing = counter.server.close();
  gate.resolve();
  await closing;
  await counter[Symbol.asyncDispose]();
  assertEquals(counter.replies.items.map(({ key }) => key), ["id1"]);
});

for (const interceptors of [{}, [5], ["log"]]) {
  Deno.test(`interceptors ${JSON.stringify(interceptors)} are refused`, async () => {
    const transport = new MemoryBroker().transport();
    const options = { commands, transport, interceptors } as unknown as ServeOptions;
    const error = await assertRejects(() => serve(options), RpcError, "`interceptors");
    assertEquals(error.code, "invalid_argument");
  });
}

Deno.test("an interceptor that makes no handler is refused at the start", async () => {
  const transport = new MemoryBroker().transport();
  const interceptors = [(() => undefined) as unknown as Interceptor];
  await assertRejects(
    () => serve({ commands, transport, interceptors, logger: silentLogger }),
    RpcError,
    "it made no handler",
  );
});
