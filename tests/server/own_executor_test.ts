// serve({ executor }): commands that run wherever the user has them run.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Executor, Job } from "../../src/executor/executor.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serve } from "../../src/server/server.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { ok } from "../pipeline/call_of.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { within } from "../within.ts";
import { Counter } from "./counter.ts";

/** An executor of one command, which does what the test says. */
function own(run: (job: Job, signal: AbortSignal) => unknown) {
  const closed = Promise.withResolvers<void>();
  const close = () => Promise.resolve(closed.resolve());
  const executor: Executor = {
    commands: ["own"],
    run: (job, signal) => run(job, signal) as Promise<Outcome>,
    close,
    [Symbol.asyncDispose]: close,
  };
  return { executor, closed: closed.promise };
}

Deno.test("a call runs in the executor of the user's own", async () => {
  const { executor } = own(({ context }) => Promise.resolve(ok(context.command)));
  await using counter = await Counter.open({ executor });
  assertEquals([counter.server.commands, (await counter.ask("own")).value], [["own"], "own"]);
});

Deno.test("expressions may be served beside an executor of the user's own", async () => {
  const { executor } = own(() => Promise.resolve(ok(1)));
  await using counter = await Counter.open({ executor, evaluate: true, concurrency: 1 });
  assertEquals([(await counter.ask("own")).value, (await counter.ask("eval", "2")).value], [1, 2]);
});

const BROKEN: [string, () => unknown][] = [
  ["throws", () => {
    throw new TypeError("the password is 123");
  }],
  ["rejects", () => Promise.reject(new TypeError("the password is 123"))],
  ["gives no outcome", () => Promise.resolve({ ok: true })],
  ["gives a stack that is no text", () => {
    const failure = {
      code: "internal",
      name: "RpcError",
      message: "the password is 123",
      stack: 5,
    };
    return Promise.resolve({ ok: false, failure });
  }],
];
for (const [what, run] of BROKEN) {
  Deno.test(`an executor that ${what} fails the call as internal, with a line in the log`, async () => {
    const logger = new RecordingLogger();
    await using counter = await Counter.open({ executor: own(run).executor, logger });
    const { status, message } = await counter.ask("own");
    assertEquals([status, message.includes("123")], ["internal", false]);
    const [line] = logger.lines.items.filter(({ level }) => level === "warn");
    assertStringIncludes(String(line?.fields["error"]), "TypeError");
  });
}

Deno.test("an executor that never settles is ended by limits.timeoutMs", async () => {
  const { executor } = own(() => new Promise(() => {}));
  await using counter = await Counter.open({ executor, limits: { timeoutMs: 10 } });
  assertEquals((await counter.ask("own")).status, "deadline_exceeded");
});

Deno.test("a result of an executor over limits.resultBytes is resource_exhausted", async () => {
  const { executor } = own(() => Promise.resolve(ok("12345678901")));
  await using counter = await Counter.open({ executor, limits: { resultBytes: 10 } });
  assertEquals((await counter.ask("own")).status, "resource_exhausted");
});

Deno.test("the server closes the executor of the user's own", async () => {
  const { executor, closed } = own(() => Promise.resolve(ok(1)));
  await using counter = await Counter.open({ executor });
  await counter.server.close();
  await within(closed, "the close of the executor");
});

const { executor } = own(() => Promise.resolve(ok(1)));
const WRONG: [string, object, string][] = [
  ["beside commands", { executor, commands: { a: () => 1 } }, "`executor` and `commands` exclude"],
  ["beside isolation", { executor, isolation: "process" }, "`executor` and `isolation` exclude"],
  ["beside permissions", { executor, permissions: {} }, "`permissions` are for"],
  ["without run", { executor: { ...executor, run: undefined } }, "it has no method `run`"],
  ["without names", { executor: { ...executor, commands: [] } }, "`executor.commands`"],
  ["that is text", { executor: "mine" }, "`executor`: it is"],
  ["with eval beside evaluate", {
    executor: { ...executor, commands: ["eval"] },
    evaluate: true,
    concurrency: 1,
  }, 'a command "eval"'],
];
for (const [what, options, text] of WRONG) {
  Deno.test(`an executor ${what} is refused`, async () => {
    const transport = new MemoryBroker().transport();
    const given = { ...options, transport, logger: silentLogger } as ServeOptions;
    const error = await assertRejects(() => serve(given), RpcError, text);
    assertEquals(error.code, "invalid_argument");
  });
}
