// The outside end of a sandbox: what it believes.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { JobChannel } from "../../src/executor/job_channel.ts";
import {
  createMessageCodec,
  type FromSandbox,
  type ToSandbox,
} from "../../src/executor/inside/messages.ts";
import type { Job } from "../../src/executor/executor.ts";
import { RETURNED } from "../../src/executor/sandbox.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { ManualClock } from "../manual_clock.ts";
import { job, never, resultOf } from "./jobs.ts";

const codec = codecsWith();
const messages = createMessageCodec();
const ok = (value: unknown): Outcome => ({ ok: true, output: codec.encode(value) });

/** A channel whose sandbox the test plays. */
function open() {
  const sent: ToSandbox[] = [];
  const asked: number[] = [];
  const send = (frame: Uint8Array) => sent.push(messages.decode(frame) as ToSandbox);
  const takeBack = (upTo: number) => void asked.push(upTo);
  const channel = new JobChannel({ send, takeBack, resultBytes: 1_000 });
  const say = (message: FromSandbox) => channel.receive(messages.encode(message));
  return { channel, sent, asked, say };
}

Deno.test("ready gives the commands", async () => {
  const { channel, say } = open();
  say({ type: "ready", commands: ["add"], policies: [] });
  assertEquals((await channel.ready).commands, ["add"]);
});

Deno.test("a module that fails to load rejects ready with its error", async () => {
  const { channel, say } = open();
  say({
    type: "failed",
    part: "commands",
    failure: { code: "unknown", name: "TypeError", message: "boom" },
  });
  const error = await assertRejects(() => channel.ready, RpcError, "TypeError: boom");
  assertEquals(error.code, "failed_precondition");
});

Deno.test("what a terminal obeys in the error of a module is escaped", async () => {
  const { channel, say } = open();
  const failure = { code: "unknown", name: "Error", message: "\x9b31m", stack: "\x1b[2J" } as const;
  say({ type: "failed", part: "commands", failure });
  const error = await assertRejects(() => channel.ready, RpcError, String.raw`Error: \u009b31m`);
  assertEquals((error.cause as Error).stack, String.raw`\u001b[2J`);
});

Deno.test("a sandbox is ready once", () => {
  const { say } = open();
  say({ type: "ready", commands: ["add"], policies: [] });
  assertThrows(() => say({ type: "ready", commands: [], policies: [] }), TypeError, "twice");
});

Deno.test("the answer to the job in flight is its outcome", async () => {
  const { channel, say } = open();
  const running = channel.run(job("add"), never);
  say({ type: "done", run: 1, outcome: ok(3) });
  assertEquals(resultOf(await running), 3);
});

Deno.test("an answer to no job in flight is refused", () => {
  const { say } = open();
  assertThrows(() => say({ type: "done", run: 1, outcome: ok(3) }), TypeError, "no job in flight");
});

Deno.test("an answer to the job before is refused", async () => {
  const { channel, say } = open();
  const first = channel.run(job("add"), never);
  say({ type: "done", run: 1, outcome: ok(1) });
  await first;
  void channel.run(job("add"), never);
  assertThrows(() => say({ type: "done", run: 1, outcome: ok(1) }), TypeError, "no job in flight");
});

Deno.test("a result over the limit is refused", () => {
  const { channel, say } = open();
  void channel.run(job("add"), never);
  const done = () => say({ type: "done", run: 1, outcome: ok("x".repeat(999)) });
  assertThrows(done, RpcError, "1001 bytes or more, the limit is 1000");
});

Deno.test("a message whose JSON is too long is refused before it is parsed", () => {
  const { channel } = open();
  const frame = new Uint8Array(4 + 262_145);
  new DataView(frame.buffer).setUint32(0, 262_145);
  assertThrows(() => channel.receive(frame), TypeError, "a message that is too long");
});

Deno.test("an aborted job sends the reason to its sandbox, and ends at once", async () => {
  const { channel, sent, say } = open();
  const controller = new AbortController();
  const running = channel.run(job("add"), controller.signal);
  controller.abort(new RpcError("deadline_exceeded", "too late"));
  const outcome = await running;
  say({ type: "done", run: 1, outcome: ok(1) });
  say({ type: "waiting", runs: [2] });
  const types = sent.map(({ type }) => type);
  assertEquals([resultOf(outcome), types], ["deadline_exceeded: too late", [
    "run",
    "abort",
    "ping",
  ]]);
});

Deno.test("a sandbox whose command heeds its signal may run another", async () => {
  const { channel, say } = open();
  const controller = new AbortController();
  const running = channel.run(job("add"), controller.signal);
  controller.abort();
  await running;
  say({ type: "done", run: 1, outcome: ok(1) });
  say({ type: "waiting", runs: [2] });
  assertEquals([channel.inFlight, channel.unanswered, channel.overdue], [0, 0, []]);
});

Deno.test("a sandbox whose command does not heed its signal may not", async () => {
  using clock = new ManualClock();
  const { channel, say } = open();
  const controller = new AbortController();
  const running = channel.run(job("add"), controller.signal);
  controller.abort();
  await running;
  await clock.advance(100);
  const computing = channel.overdue.map(({ answered }) => answered);
  say({ type: "waiting", runs: [2] });
  const waiting = channel.overdue.map(({ answered }) => answered);
  assertEquals([computing, waiting], [[false], [true]]);
});

Deno.test("where this process stood still, a command has its time to settle again", async () => {
  using clock = new ManualClock();
  const { channel } = open();
  const controller = new AbortController();
  void channel.run(job("add"), controller.signal);
  controller.abort();
  clock.jump(200);
  await clock.advance(99);
  const before = channel.overdue.length;
  await clock.advance(1);
  assertEquals([before, channel.overdue.length], [0, 1]);
});

Deno.test("a sandbox that breaks ends the job in flight, and takes none after it", async () => {
  const { channel } = open();
  const running = channel.run(job("add"), never);
  const outcome = (command: string) => failedOutcome("unknown", `${command} broke`);
  channel.break({ outcome, reason: "it broke" });
  const next = await channel.run(job("add"), never);
  assertEquals([resultOf(await running), next.ok || next.failure.code, channel.usable], [
    "unknown: add broke",
    "unavailable",
    false,
  ]);
});

Deno.test("answers are believed of each job in flight, in any order", async () => {
  const { channel, say } = open();
  const [first, second] = [channel.run(job("add"), never), channel.run(job("add"), never)];
  say({ type: "done", run: 2, outcome: ok("b") });
  say({ type: "done", run: 1, outcome: ok("a") });
  assertEquals([resultOf(await first), resultOf(await second)], ["a", "b"]);
});

for (const runs of [[2], [1, 1]]) {
  Deno.test(`that jobs ${runs} wait is refused where only 1 is in flight`, () => {
    const { channel, say } = open();
    void channel.run(job("add"), never);
    assertThrows(() => say({ type: "waiting", runs }), TypeError, "that it waits");
  });
}

Deno.test("jobs that have not begun are returned, those that have are not", async () => {
  const { channel, say } = open();
  const [first, second] = [channel.run(job("add"), never), channel.run(job("add"), never)];
  const asked = channel.takeBack();
  channel.returned(1, 2);
  await asked;
  say({ type: "done", run: 1, outcome: ok("a") });
  assertEquals([resultOf(await first), await second === RETURNED], ["a", true]);
});

for (const upTo of [undefined, 1]) {
  const when = upTo === undefined ? "nothing" : `those up to ${upTo}`;
  Deno.test(`jobs that nobody asked for are not taken back: ${when} was asked for`, () => {
    const { channel } = open();
    for (let sent = 0; sent < (upTo ?? 0); sent++) void channel.run(job("add"), never);
    if (upTo !== undefined) void channel.takeBack();
    void channel.run(job("add"), never);
    assertThrows(() => channel.returned(0, 2), TypeError, "that nobody asked for");
  });
}

Deno.test("an answer to a job that was returned is refused", async () => {
  const { channel, say } = open();
  const returned = channel.run(job("add"), never);
  void channel.takeBack();
  channel.returned(0, 1);
  await returned;
  assertThrows(() => say({ type: "done", run: 1, outcome: ok(1) }), TypeError, "no job in flight");
  channel.break({ outcome: () => ok(0), reason: "the test is over" });
});

/** What two jobs get of a channel that ends. */
async function broken(end: { begun?: number }, pure = false): Promise<unknown[]> {
  const channel = new JobChannel({
    send: () => {},
    takeBack: () => {},
    resultBytes: 1_000,
    pure,
  });
  const jobs = [channel.run(job("one"), never), channel.run(job("two"), never)];
  channel.break({
    outcome: (command) => failedOutcome("unknown", `${command} broke it`),
    neighbour: (command) => failedOutcome("aborted", command),
    reason: "it broke",
    ...end,
  });
  return (await Promise.all(jobs)).map((outcome) => outcome === RETURNED || resultOf(outcome));
}

Deno.test("where several jobs had begun, each is aborted: which of them ended it is not known", async () => {
  assertEquals(await broken({}), ["aborted: one", "aborted: two"]);
});

Deno.test("where one job had begun, it is the one that ended it, and the other is returned", async () => {
  assertEquals(await broken({ begun: 1 }), ["unknown: one broke it", true]);
});

Deno.test("where jobs reach nothing outside, all but the first are returned", async () => {
  assertEquals(await broken({}, true), ["unknown: one broke it", true]);
});

Deno.test("a sandbox that gave back all it had, and then says nothing for a second, is stuck", async () => {
  using clock = new ManualClock();
  const { channel } = open();
  const returned = channel.run(job("add"), never);
  void channel.takeBack();
  channel.returned(0, 1);
  await clock.advance(999);
  const before = channel.stuck;
  await clock.advance(1);
  assertEquals([before, channel.stuck], [false, true]);
  assertEquals([await returned === RETURNED, channel.unanswered], [true, 1]);
});

Deno.test("a sandbox that gave back all it had, and answers, is not stuck", () => {
  const { channel, say } = open();
  void channel.run(job("add"), never);
  void channel.takeBack();
  channel.returned(0, 1);
  say({ type: "waiting", runs: [2] });
  assertEquals([channel.stuck, channel.unanswered], [false, 0]);
});

Deno.test("a sandbox that ran a job after an aborted one, and answered all, is not stuck", async () => {
  using clock = new ManualClock();
  const { channel, say } = open();
  const controller = new AbortController();
  void channel.run(job("add"), controller.signal);
  controller.abort();
  say({ type: "done", run: 1, outcome: ok(1) });
  void channel.run(job("add"), never);
  say({ type: "waiting", runs: [2] });
  say({ type: "done", run: 3, outcome: ok(3) });
  await clock.advance(10_000);
  assertEquals([channel.stuck, channel.unanswered], [false, 0]);
});

Deno.test("that a sandbox of commands is spent is refused", () => {
  const { say } = open();
  assertThrows(() => say({ type: "spent" }), TypeError, "said that it is spent");
});

Deno.test("a request for jobs covers those that were sent during the one before", async () => {
  const { channel, asked } = open();
  void channel.run(job("one"), never);
  const first = channel.takeBack();
  const later = channel.run(job("two"), never);
  const second = channel.takeBack();
  channel.returned(1, 1);
  await first;
  await Promise.resolve();
  channel.returned(1, asked.at(-1)!);
  await second;
  const end = () => failedOutcome("aborted", "the test is over");
  channel.break({ outcome: end, reason: "the test is over" });
  assertEquals([await later === RETURNED, asked], [true, [1, 2]]);
});

/** A stream whose values are thrown away. */
const stream: Job["stream"] = {
  credit: { seq: 10, bytes: 1_000 },
  emit: () => undefined,
  watch: () => {},
};

Deno.test("a value of a stream is taken", () => {
  const { channel, say } = open();
  void channel.run({ ...job("count"), stream }, never);
  assertEquals(say({ type: "value", run: 1, output: codec.encode(1) }), undefined);
});

Deno.test("a value whose message holds more than it needs is refused: the server reads each", () => {
  const { channel, say } = open();
  void channel.run({ ...job("count"), stream }, never);
  const padded = { type: "value", run: 1, output: codec.encode(1), more: "x".repeat(2_000) };
  assertThrows(() => say(padded as FromSandbox), TypeError, "in a message that is too long");
});
