import { assertEquals, assertRejects } from "@std/assert";
import { Pool } from "../../src/executor/pool.ts";
import type { Sandbox } from "../../src/executor/sandbox.ts";
import { WorkerSandbox } from "../../src/executor/worker_sandbox.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Arrivals } from "../arrivals.ts";
import { playedPool, PlayedSandbox } from "./played_sandbox.ts";
import { job, never, resultOf } from "./jobs.ts";

/** A pool of real workers that reports each start. */
async function pool(options: { size?: number; runsPerSandbox?: number } = {}) {
  const module = new URL("./fixtures/commands.ts", import.meta.url).href;
  const started = new Arrivals<Sandbox>();
  const executor = await Pool.start({
    start: async (signal) => {
      const worker = await WorkerSandbox.start(
        { module, resultBytes: 10_000 },
        signal,
      );
      started.push(worker);
      return worker;
    },
    size: 1,
    runsPerSandbox: Infinity,
    logger: silentLogger,
    ...options,
  });
  return { executor, started };
}

Deno.test("a pool offers the commands of its sandboxes", async () => {
  const { executor } = await pool();
  const { commands } = executor;
  await executor.close();
  assertEquals(commands.includes("add"), true);
});

Deno.test("a pool runs a command", async () => {
  const { executor } = await pool();
  const outcome = await executor.run(job("add", { a: 1, b: 2 }), never);
  await executor.close();
  assertEquals(resultOf(outcome), 3);
});

Deno.test("a pool starts as many sandboxes as it keeps, before they are needed", async () => {
  const { executor, started } = await pool({ size: 2 });
  await started.first(2);
  await executor.close();
  assertEquals(started.items.length, 2);
});

Deno.test("commands over the size of the pool wait, and all are run", async () => {
  const { executor } = await pool({ size: 2 });
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, i) => executor.run(job("add", { a: i, b: 0 }), never)),
  );
  await executor.close();
  assertEquals(outcomes.map(resultOf), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("a sandbox is used again", async () => {
  const { executor } = await pool();
  await executor.run(job("count"), never);
  const outcome = await executor.run(job("count"), never);
  await executor.close();
  assertEquals(resultOf(outcome), 2);
});

Deno.test("a sandbox that is spent is replaced", async () => {
  const { executor } = await pool({ runsPerSandbox: 1 });
  await executor.run(job("count"), never);
  const outcome = await executor.run(job("count"), never);
  await executor.close();
  assertEquals(resultOf(outcome), 1);
});

Deno.test("a worker whose command overran its time is replaced", async () => {
  const { executor, started } = await pool();
  const signal = AbortSignal.timeout(20);
  await executor.run(job("forever"), signal);
  const outcome = await executor.run(job("add", { a: 1, b: 2 }), never);
  await executor.close();
  assertEquals([resultOf(outcome), started.items.length], [3, 2]);
});

Deno.test("a worker that dies of an uncaught error is replaced", async () => {
  const { executor, started } = await pool();
  await executor.run(job("crash"), never);
  const outcome = await executor.run(job("add", { a: 1, b: 2 }), never);
  await executor.close();
  assertEquals([resultOf(outcome), started.items.length], [3, 2]);
});

Deno.test("an idle sandbox that ends is replaced", async () => {
  const { executor, started } = await pool();
  await (await started.at(0)).close();
  const outcome = await executor.run(job("add", { a: 1, b: 2 }), never);
  await executor.close();
  assertEquals(resultOf(outcome), 3);
});

Deno.test("a job that waits for a sandbox ends when its signal aborts", async () => {
  const { executor } = await pool();
  const busy = new AbortController();
  const first = executor.run(job("heed"), busy.signal);
  const controller = new AbortController();
  const second = executor.run(job("add", { a: 1, b: 2 }), controller.signal);
  controller.abort(new RpcError("deadline_exceeded", "too late"));
  const outcome = await second;
  busy.abort(new Error("stop"));
  await first;
  await executor.close();
  assertEquals(resultOf(outcome), "deadline_exceeded: too late");
});

Deno.test("a first start that fails is not tried again, by no sandbox of the pool", async () => {
  let starts = 0;
  const start = () => {
    starts++;
    return Promise.reject(new RangeError("no"));
  };
  const options = { start, size: 3, runsPerSandbox: 1, logger: silentLogger };
  await assertRejects(() => Pool.start(options), RangeError, "no");
  assertEquals(starts, 1);
});

Deno.test("a later start that fails is tried again", async () => {
  const tries = new Arrivals<number>();
  const start = () => {
    tries.push(tries.items.length);
    return tries.items.length === 2
      ? Promise.reject(new Error("no memory just now"))
      : Promise.resolve(new PlayedSandbox());
  };
  const executor = await Pool.start({ start, size: 2, runsPerSandbox: 1, logger: silentLogger });
  await tries.first(3);
  await executor.close();
  assertEquals(tries.items.length, 3);
});

/** A pool of one sandbox after another, whose runs say which of them they were in. */
async function poolOfSpent() {
  const starts: PromiseWithResolvers<Sandbox>[] = [];
  const closed = new Arrivals<number>();
  const sandbox = (number: number): Sandbox => {
    const played = new PlayedSandbox({ result: number });
    played.spent = true;
    void played.ended.then(() => closed.push(number));
    return played;
  };
  const started = new Arrivals<number>();
  const start = () => {
    const starting = Promise.withResolvers<Sandbox>();
    starts.push(starting);
    if (starts.length === 1) starting.resolve(sandbox(0));
    started.push(starts.length - 1);
    return starting.promise;
  };
  const executor = await Pool.start({
    start,
    size: 1,
    runsPerSandbox: Infinity,
    logger: silentLogger,
  });
  const which = async () => resultOf(await executor.run(job("add"), never));
  return { which, started, closed, executor, start: (n: number) => starts[n]!.resolve(sandbox(n)) };
}

Deno.test("a spent sandbox runs on until another one has started", async () => {
  const { which, started, executor, start } = await poolOfSpent();
  const first = await which();
  await started.first(2);
  const second = await which();
  start(1);
  await executor.close();
  assertEquals([first, second], [0, 0]);
});

Deno.test("a spent sandbox is closed when another one has started", async () => {
  const { which, started, closed, executor, start } = await poolOfSpent();
  await which();
  await started.first(2);
  start(1);
  const [number] = await closed.first(1);
  const next = await which();
  await started.first(3);
  start(2);
  await executor.close();
  assertEquals([number, next, started.items.length], [0, 1, 3]);
});

Deno.test("close() closes every sandbox", async () => {
  const { executor, started } = await pool({ size: 2 });
  const sandboxes = await started.first(2);
  await executor.close();
  assertEquals(await Promise.all(sandboxes.map(({ ended }) => ended)), [undefined, undefined]);
});

Deno.test("close() resolves when a sandbox that was told to end before is gone", async () => {
  const { pool, run, sandboxes } = await playedPool();
  const first = await sandboxes.at(0);
  first.lingers = true;
  first.spent = true;
  void run();
  first.finish(1);
  // It was told to end, for it is spent, and another one has started.
  await sandboxes.at(1);
  let closed = false;
  const closing = pool.close().then(() => closed = true);
  // Whatever else close() does is over by then.
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  const before = closed;
  first.goes();
  await closing;
  assertEquals(before, false);
});

Deno.test("close() may be called again", async () => {
  const { executor } = await pool();
  await executor.close();
  assertEquals(await executor.close(), undefined);
});

Deno.test("close() ends a job that waits for a sandbox", async () => {
  const { executor } = await pool();
  const first = executor.run(job("forever"), never);
  const second = executor.run(job("add", { a: 1, b: 2 }), never);
  await executor.close();
  await first;
  assertEquals(resultOf(await second), "unavailable: Cannot run: the server is closed. Try again.");
});

Deno.test("a job after close() is refused", async () => {
  const { executor } = await pool();
  await executor.close();
  const outcome = await executor.run(job("add", { a: 1, b: 2 }), never);
  assertEquals(resultOf(outcome), "unavailable: Cannot run: the server is closed. Try again.");
});
