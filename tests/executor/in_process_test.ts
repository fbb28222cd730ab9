import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { InProcessExecutor } from "../../src/executor/in_process.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { job, never, resultOf } from "./jobs.ts";

Deno.test("its commands are the object's own functions", () => {
  const table = Object.assign(Object.create({ inherited: () => 1 }), {
    add: () => 1,
    version: "1.0",
  });
  assertEquals(new InProcessExecutor(table).commands, ["add"]);
});

Deno.test("an object without a function is refused", () => {
  const error = assertThrows(() => new InProcessExecutor({}), RpcError, "has no function");
  assertEquals(error.code, "invalid_argument");
});

for (const name of ["__proto__", "constructor", "then", "toString", "inherited"]) {
  Deno.test(`${name} is not_found`, async () => {
    const table = Object.assign(Object.create({ inherited: () => 1 }), { add: () => 1 });
    const outcome = await new InProcessExecutor(table).run(job(name), never);
    assertEquals(!outcome.ok && outcome.failure.code, "not_found");
  });
}

Deno.test("a function that is replaced later does not change what runs", async () => {
  const table = { add: () => "first" };
  const executor = new InProcessExecutor(table);
  table.add = () => "second";
  assertEquals(resultOf(await executor.run(job("add"), never)), "first");
});

Deno.test("a function closes over the state of its program", async () => {
  let state = 0;
  const executor = new InProcessExecutor({ add: (n: number) => state += n });
  await executor.run(job("add", 5), never);
  assertEquals(state, 5);
});

Deno.test("the outcome of an aborted job is the reason", async () => {
  const executor = new InProcessExecutor({ forever: () => new Promise(() => {}) });
  const controller = new AbortController();
  const outcome = executor.run(job("forever"), controller.signal);
  controller.abort(new RpcError("deadline_exceeded", "too late"));
  assertEquals(resultOf(await outcome), "deadline_exceeded: too late");
});

Deno.test("a reason that is no RpcError is canceled", async () => {
  const executor = new InProcessExecutor({ forever: () => new Promise(() => {}) });
  const controller = new AbortController();
  const outcome = executor.run(job("forever"), controller.signal);
  controller.abort(new Error("stop"));
  assertEquals(resultOf(await outcome), "canceled: stop");
});

Deno.test("a job whose signal has aborted does not start", async () => {
  let started = false;
  const executor = new InProcessExecutor({ start: () => started = true });
  await executor.run(job("start"), AbortSignal.abort());
  assertEquals(started, false);
});

Deno.test("a command that fails after its abort is not reported", async () => {
  const failed = Promise.withResolvers<never>();
  const executor = new InProcessExecutor({ late: () => failed.promise });
  const controller = new AbortController();
  const outcome = executor.run(job("late"), controller.signal);
  controller.abort(new Error("stop"));
  await outcome;
  // Unhandled, it would fail this test.
  failed.reject(new Error("unseen"));
});

Deno.test("a result over resultBytes is refused", async () => {
  const executor = new InProcessExecutor({ large: () => "x".repeat(100) }, { resultBytes: 10 });
  assertStringIncludes(String(resultOf(await executor.run(job("large"), never))), "102 bytes");
});

Deno.test("a module without a codec is failed_precondition, by its URL", async () => {
  const codecs = [new URL("data:text/javascript,export const codec = 1")];
  const error = await assertRejects(
    () => InProcessExecutor.start({ add: () => 1 }, { codecs, resultBytes: 1 }),
    RpcError,
    "the default export of data:text/javascript",
  );
  assertEquals(error.code, "failed_precondition");
});

Deno.test("a module of a codec that throws a text is refused with that text", async () => {
  const codecs = [new URL('data:text/javascript,throw "no licence"')];
  await assertRejects(
    () => InProcessExecutor.start({ add: () => 1 }, { codecs, resultBytes: 1 }),
    RpcError,
    "Cannot load the codecs: no licence. Correct the module",
  );
});
