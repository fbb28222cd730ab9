// How many sandboxes of a pool live at a time, and which of them ends where there are too many.
import { assertEquals, assertMatch } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import type { Arrivals } from "../arrivals.ts";
import { ManualClock } from "../manual_clock.ts";
import { job, resultOf } from "./jobs.ts";
import { playedPool, type PlayedSandbox, runsOf } from "./played_sandbox.ts";

/** Fills a sandbox with a call that is spent while it runs. */
async function spend(sandboxes: Arrivals<PlayedSandbox>, index: number): Promise<PlayedSandbox> {
  const sandbox = await sandboxes.at(index);
  await sandbox.sent.first(1);
  sandbox.spent = true;
  sandbox.say({ type: "waiting", runs: [1] });
  return sandbox;
}

Deno.test("sandboxes that are spent while they run are replaced up to the size of the pool", async () => {
  const { pool, run, sandboxes } = await playedPool();
  for (let call = 0; call < 3; call++) void run();
  await spend(sandboxes, 0);
  await spend(sandboxes, 1);
  assertEquals(sandboxes.items.length, 2);
  await pool.close();
});

Deno.test("a sandbox that is spent is replaced when one that ended with its calls is gone", async () => {
  const { pool, run, sandboxes } = await playedPool();
  for (let call = 0; call < 3; call++) void run();
  const first = await spend(sandboxes, 0);
  await spend(sandboxes, 1);
  first.finish(1);
  assertEquals(runsOf(await (await sandboxes.at(2)).sent.first(1)), [1]);
  await pool.close();
});

Deno.test("a sandbox that has run what it may is replaced when a retired one is gone", async () => {
  const { pool, run, sandboxes } = await playedPool({ callsPerSandbox: 2, runsPerSandbox: 1 });
  for (let call = 0; call < 3; call++) void run();
  for (const index of [0, 1]) {
    const sandbox = await sandboxes.at(index);
    await sandbox.sent.first(1);
    sandbox.say({ type: "waiting", runs: [1] });
  }
  sandboxes.items[0]!.finish(1);
  assertEquals(runsOf(await (await sandboxes.at(2)).sent.first(1)), [1]);
  await pool.close();
});

Deno.test("of too many retired sandboxes, one ends whose command does not stop", async () => {
  const { pool, run, sandboxes } = await playedPool({ callsPerSandbox: 4, runsPerSandbox: 2 });
  const first = await sandboxes.at(0);
  const innocent = run("innocent");
  first.say({ type: "waiting", runs: [1] });
  void run();
  first.say({ type: "waiting", runs: [2] });
  const second = await sandboxes.at(1);
  const controller = new AbortController();
  void run("late", controller.signal);
  await second.sent.first(1);
  second.say({ type: "waiting", runs: [1] });
  const neighbour = run("neighbour");
  second.say({ type: "waiting", runs: [2] });
  controller.abort(new RpcError("deadline_exceeded", "too late"));
  second.say({ type: "waiting", runs: [3] });
  assertMatch(String(await neighbour), /^aborted: .*\("late"\)/);
  first.finish(1, "done");
  assertEquals(await innocent, "done");
  await pool.close();
});

Deno.test("of too many retired sandboxes, another one ends where the oldest has stopped meanwhile", async () => {
  const { pool, run, sandboxes } = await playedPool({ callsPerSandbox: 4 });
  const controllers = [new AbortController(), new AbortController()];
  /** A sandbox with a command that does not stop and another one; it is retired. */
  async function overdue(index: number) {
    const sandbox = await sandboxes.at(index);
    void run("late", controllers[index]!.signal);
    sandbox.say({ type: "waiting", runs: [1] });
    const neighbour = run("neighbour");
    await sandbox.sent.first(2);
    controllers[index]!.abort(new RpcError("deadline_exceeded", "too late"));
    sandbox.say({ type: "waiting", runs: [3] });
    return { sandbox, neighbour };
  }
  const oldest = await overdue(0);
  await sandboxes.at(1);
  // Whether its commands have begun is not known at once when it is to be ended.
  oldest.sandbox.begun = undefined;
  const asked = oldest.sandbox.askedBack.items.length;
  const other = await overdue(1);
  await oldest.sandbox.askedBack.first(asked + 1);
  oldest.sandbox.finish(1);
  oldest.sandbox.giveBack(2, 3);
  assertMatch(String(await other.neighbour), /^aborted: .*\("late"\)/);
  oldest.sandbox.finish(2, "done");
  assertEquals(await oldest.neighbour, "done");
  await pool.close();
});

for (let turns = 0; turns < 6; turns++) {
  Deno.test(`a command that stops ${turns} microtasks after its neighbours are taken back costs no sandbox, or is what it ends for`, async () => {
    using clock = new ManualClock();
    const { pool, run, sandboxes, logger } = await playedPool({ callsPerSandbox: 4 });
    const sandbox = await sandboxes.at(0);
    sandbox.begun = undefined;
    const controller = new AbortController();
    const late = run("late", controller.signal);
    sandbox.say({ type: "waiting", runs: [1] });
    void run("neighbour");
    controller.abort(new RpcError("deadline_exceeded", "too late"));
    await late;
    // First because it says nothing, then because the command does not stop.
    await clock.advance(10);
    sandbox.giveBack(2, 3);
    await clock.advance(90);
    assertEquals(sandbox.askedBack.items.length, 2);
    sandbox.giveBack(2, 3);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    if (sandbox.usable) sandbox.finish(1);
    const reasons = () => logger.lines.items.map(({ fields }) => fields["reason"]);
    // After all that follows from it.
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    assertEquals(reasons(), sandbox.usable ? [] : ["time"]);
    await pool.close();
  });
}

Deno.test("a job whose deadline has passed when its turn comes is not sent, and the next one is", async () => {
  const { pool, run, sandboxes } = await playedPool();
  const sandbox = await sandboxes.at(0);
  void run();
  const controller = new AbortController();
  const turn = {
    waits: () => {},
    begins: () => {
      controller.abort(new RpcError("deadline_exceeded", "too late"));
      return 0;
    },
  };
  const late = pool.run(job("late"), controller.signal, turn);
  const next = run("next");
  sandbox.finish(1);
  sandbox.finish(2, "next");
  assertEquals([resultOf(await late), await next], ["deadline_exceeded: too late", "next"]);
  await pool.close();
});

Deno.test("a job whose signal aborts as it comes to wait is answered, and not sent", async () => {
  const { pool, run, sandboxes } = await playedPool();
  const sandbox = await sandboxes.at(0);
  void run();
  const controller = new AbortController();
  const turn = {
    waits: () => controller.abort(new RpcError("unavailable", "elsewhere")),
    begins: () => 0,
  };
  const outcome = await pool.run(job("add"), controller.signal, turn);
  sandbox.finish(1);
  assertEquals([resultOf(outcome), runsOf(sandbox.sent.items)], ["unavailable: elsewhere", [1]]);
  await pool.close();
});
