// A pool whose sandboxes have several calls in flight: who gets a call, and what an end costs.
import { assertEquals, assertMatch } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { ManualClock } from "../manual_clock.ts";
import { job, never } from "./jobs.ts";
import {
  playedPool,
  type PlayedPoolOptions,
  type PlayedSandbox,
  runsOf,
} from "./played_sandbox.ts";

const open = (options: PlayedPoolOptions = {}) => playedPool({ callsPerSandbox: 4, ...options });

const sent = (sandbox: PlayedSandbox | undefined) => runsOf(sandbox?.sent.items ?? []);

/** Resolves with the first so many jobs that a sandbox got. */
async function got(sandbox: PlayedSandbox, count: number): Promise<readonly number[]> {
  return runsOf(await sandbox.sent.until((all) => runsOf(all).length >= count, `job ${count}`));
}

/** A sandbox with two jobs in it: the first waits, of the second nothing is known. */
async function waitingAndUnanswered(options: PlayedPoolOptions = {}) {
  const opened = await open(options);
  const sandbox = await opened.sandboxes.at(0);
  const controllers = [new AbortController(), new AbortController()] as const;
  const first = opened.run("first", controllers[0].signal);
  sandbox.say({ type: "waiting", runs: [1] });
  const second = opened.run("second", controllers[1].signal);
  return { ...opened, sandbox, first, second, controllers };
}

Deno.test("a call goes to an idle sandbox before one that waits", async () => {
  const { pool, run, sandboxes } = await open({ size: 2 });
  void run();
  sandboxes.items[0]!.say({ type: "waiting", runs: [1] });
  void run();
  assertEquals(sandboxes.items.map(sent), [[1], [1]]);
  await pool.close();
});

Deno.test("a sandbox that waits gets further calls, as many as it may have in flight", async () => {
  const { pool, run, sandboxes } = await open({ callsPerSandbox: 2 });
  const sandbox = await sandboxes.at(0);
  for (let call = 0; call < 3; call++) void run();
  sandbox.say({ type: "waiting", runs: [1] });
  sandbox.say({ type: "waiting", runs: [2] });
  assertEquals(sent(sandbox), [1, 2]);
  await pool.close();
});

Deno.test("of sandboxes that wait, the one with the fewest calls gets the next", async () => {
  const { pool, run, sandboxes } = await open({ size: 2 });
  for (let call = 0; call < 2; call++) void run();
  const [one, two] = await sandboxes.first(2);
  one!.say({ type: "waiting", runs: [1] });
  void run();
  one!.say({ type: "waiting", runs: [2] });
  two!.say({ type: "waiting", runs: [1] });
  void run();
  assertEquals([one, two].map(sent), [[1, 2], [1, 2]]);
  await pool.close();
});

Deno.test("a sandbox that has said nothing of its call gets no other one", async () => {
  const { pool, run, sandboxes } = await open();
  void run();
  void run();
  assertEquals(sent(await sandboxes.at(0)), [1]);
  await pool.close();
});

Deno.test("one call at a time is sent where a sandbox may have only one", async () => {
  const { pool, run, sandboxes } = await open({ callsPerSandbox: 1 });
  const sandbox = await sandboxes.at(0);
  void run();
  void run();
  sandbox.say({ type: "waiting", runs: [1] });
  const before = sent(sandbox);
  sandbox.finish(1);
  assertEquals([before, sent(sandbox)], [[1], [1, 2]]);
  await pool.close();
});

Deno.test("a call behind one that computes is taken back, and runs in another sandbox", async () => {
  const { pool, run, sandboxes } = await open({ size: 2 });
  const [one, two] = await sandboxes.first(2);
  one!.begun = 2;
  const results = [run(), run()];
  one!.say({ type: "waiting", runs: [1] });
  two!.finish(1, "two");
  // Two answers, so it gets two calls ahead of the next: the first of them computes.
  results.push(run());
  two!.say({ type: "waiting", runs: [2] });
  results.push(run(), run());
  await one!.askedBack.first(1);
  const [runInTwo] = (await got(two!, 3)).slice(-1);
  two!.finish(runInTwo!, "elsewhere");
  assertEquals(await Promise.race(results.slice(3)), "elsewhere");
  await pool.close();
});

Deno.test("nothing is sent to a sandbox that computes", async () => {
  const { pool, run, sandboxes } = await open();
  const sandbox = await sandboxes.at(0);
  void run();
  await sandbox.askedBack.first(1);
  void run();
  assertEquals(sent(sandbox), [1]);
  await pool.close();
});

Deno.test("a sandbox that computed gets calls again when it answers", async () => {
  const { pool, run, sandboxes } = await open();
  const sandbox = await sandboxes.at(0);
  const first = run();
  await sandbox.askedBack.first(1);
  const second = run();
  sandbox.finish(1);
  sandbox.finish(2);
  assertEquals([await first, await second], [1, 2]);
  await pool.close();
});

Deno.test("a sandbox whose calls all wait, and that gave one back, gets calls again when it answers", async () => {
  const { pool, sandbox, second } = await waitingAndUnanswered();
  sandbox.begun = 1;
  const [upTo] = await sandbox.askedBack.first(1);
  await sandbox.sent.until((all) => all.some(({ type }) => type === "ping"), "the ping");
  sandbox.say({ type: "waiting", runs: [upTo! + 1] });
  const [, , again] = await got(sandbox, 3);
  sandbox.finish(again!, "again");
  assertEquals(await second, "again");
  await pool.close();
});

Deno.test("a call that was taken back and whose signal aborted is not run", async () => {
  using clock = new ManualClock();
  const { pool, run, sandboxes } = await open({ size: 1 });
  const sandbox = await sandboxes.at(0);
  sandbox.begun = 0;
  const controller = new AbortController();
  const result = run("add", controller.signal);
  controller.abort(new RpcError("canceled", "enough"));
  await clock.advance(10);
  assertEquals(sandbox.askedBack.items.length, 1);
  assertEquals([await result, sent(sandbox)], ["canceled: enough", [1]]);
  await pool.close();
});

Deno.test("a sandbox whose overdue command waits gets no calls, and ends with those that it has", async () => {
  const { pool, sandbox, sandboxes, first, second, controllers } = await waitingAndUnanswered();
  sandbox.say({ type: "waiting", runs: [2] });
  controllers[0].abort(new RpcError("deadline_exceeded", "too late"));
  sandbox.say({ type: "waiting", runs: [3] });
  await sandboxes.at(1);
  const isOpen = sandbox.usable;
  sandbox.finish(2, "two");
  await sandbox.ended;
  assertEquals([await first, isOpen, await second], ["deadline_exceeded: too late", true, "two"]);
  await pool.close();
});

Deno.test("a sandbox whose overdue command computes is ended, and its neighbours are aborted", async () => {
  const { pool, sandbox, second, controllers } = await waitingAndUnanswered();
  sandbox.say({ type: "waiting", runs: [2] });
  controllers[0].abort(new RpcError("deadline_exceeded", "too late"));
  await sandbox.ended;
  assertMatch(
    String(await second),
    /^aborted: Cannot finish "second": another command \("first"\) in its sandbox did not stop/,
  );
  await pool.close();
});

Deno.test("a neighbour that had not begun in a sandbox that is ended runs elsewhere", async () => {
  const { pool, sandbox, sandboxes, second, controllers } = await waitingAndUnanswered();
  sandbox.begun = 1;
  controllers[0].abort(new RpcError("deadline_exceeded", "too late"));
  const next = await sandboxes.at(1);
  await got(next, 1);
  next.finish(1, "elsewhere");
  assertEquals(await second, "elsewhere");
  await pool.close();
});

Deno.test("the line about a sandbox that was ended has the number of neighbours that it cost", async () => {
  const { pool, sandbox, logger, controllers } = await waitingAndUnanswered();
  sandbox.say({ type: "waiting", runs: [2] });
  controllers[0].abort(new RpcError("deadline_exceeded", "too late"));
  const lines = await logger.lines.until((all) => all.length > 0, "the line");
  const { command, reason, calls } = lines[0]!.fields;
  assertEquals([command, reason, calls], ["first", "time", 1]);
  await pool.close();
});

Deno.test("more retired sandboxes than the pool has cost the oldest its calls", async () => {
  const { pool, run, sandboxes } = await open();
  const neighbours: Promise<unknown>[] = [];
  for (let round = 0; round < 2; round++) {
    const sandbox = await sandboxes.at(round);
    const controller = new AbortController();
    void run("late", controller.signal);
    sandbox.say({ type: "waiting", runs: [1] });
    neighbours.push(run("neighbour"));
    sandbox.say({ type: "waiting", runs: [2] });
    controller.abort(new RpcError("deadline_exceeded", "too late"));
    sandbox.say({ type: "waiting", runs: [3] });
  }
  assertMatch(String(await neighbours[0]), /^aborted: .*\("late"\)/);
  assertEquals((await sandboxes.at(1)).usable, true);
  await pool.close();
});

Deno.test("a sandbox that computes for no call at all is replaced", async () => {
  const { pool, run, sandboxes } = await open();
  const sandbox = await sandboxes.at(0);
  sandbox.begun = 0;
  const result = run();
  const next = await sandboxes.at(1);
  await got(next, 1);
  next.finish(1, "next");
  assertEquals([await result, sandbox.usable], ["next", false]);
  await pool.close();
});

Deno.test("where several calls were in flight, a crash gives each of them aborted", async () => {
  const { pool, sandbox, first, second } = await waitingAndUnanswered();
  sandbox.say({ type: "waiting", runs: [2] });
  sandbox.crash();
  assertMatch(`${await first} ${await second}`, /^aborted: .* aborted: /);
  await pool.close();
});

Deno.test("the line about a crash with several calls names none of them, and their number", async () => {
  const { pool, sandbox, logger } = await waitingAndUnanswered();
  sandbox.say({ type: "waiting", runs: [2] });
  sandbox.crash();
  const lines = await logger.lines.until((all) => all.length > 0, "the line");
  const { command, reason, calls } = lines[0]!.fields;
  assertEquals([command, reason, calls], [undefined, "crash", 2]);
  await pool.close();
});

Deno.test("a call that certainly had not begun when its sandbox crashed runs elsewhere", async () => {
  const { pool, sandbox, sandboxes, first, second } = await waitingAndUnanswered();
  sandbox.crash(1);
  const next = await sandboxes.at(1);
  await got(next, 1);
  next.finish(1, "elsewhere");
  assertEquals([await first, await second], [
    'unknown: Cannot finish "first": it crashed.',
    "elsewhere",
  ]);
  await pool.close();
});

Deno.test("jobs that reach nothing outside run again after a crash, all but the first", async () => {
  const { pool, sandbox, sandboxes, first, second } = await waitingAndUnanswered({ pure: true });
  sandbox.crash();
  const next = await sandboxes.at(1);
  await got(next, 1);
  next.finish(1, "again");
  assertEquals([await first, await second], [
    'unknown: Cannot finish "first": it crashed.',
    "again",
  ]);
  await pool.close();
});

Deno.test("a sandbox that has run what it may is replaced when its calls are over", async () => {
  const { pool, sandbox, sandboxes, first, second } = await waitingAndUnanswered({
    runsPerSandbox: 2,
  });
  sandbox.finish(2, "two");
  await sandboxes.at(1);
  const isOpen = sandbox.usable;
  sandbox.finish(1, "one");
  assertEquals([await first, await second, isOpen, sandbox.usable], ["one", "two", true, false]);
  await pool.close();
});

Deno.test("a job that waits for its turn says so, and gets its deadline when it begins", async () => {
  const { pool, run, sandboxes } = await open();
  const sandbox = await sandboxes.at(0);
  void run();
  const heard: string[] = [];
  const turn = {
    waits: () => void heard.push("waits"),
    begins: () => {
      heard.push("begins");
      return 42;
    },
  };
  void pool.run(job("add"), never, turn);
  sandbox.say({ type: "waiting", runs: [1] });
  const message = sandbox.sent.items.find((one) => one.type === "run" && one.run === 2);
  const deadline = message?.type === "run" ? message.job.context.deadline : undefined;
  assertEquals([heard, deadline], [["waits", "begins"], 42]);
  await pool.close();
});
