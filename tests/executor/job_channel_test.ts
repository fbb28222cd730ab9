// The outside end of a sandbox: what it believes.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { JobChannel } from "../../src/executor/job_channel.ts";
import {
  createMessageCodec,
  type FromSandbox,
  type ToSandbox,
} from "../../src/executor/inside/messages.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { job, never, resultOf } from "./jobs.ts";

const codec = codecsWith();
const messages = createMessageCodec();
const ok = (value: unknown): Outcome => ({ ok: true, output: codec.encode(value) });

/** A channel whose sandbox the test plays. */
function open() {
  const sent: ToSandbox[] = [];
  const send = (frame: Uint8Array) => sent.push(messages.decode(frame) as ToSandbox);
  const channel = new JobChannel(send, { resultBytes: 1_000 });
  const say = (message: FromSandbox) => channel.receive(messages.encode(message));
  return { channel, sent, say };
}

Deno.test("ready gives the commands", async () => {
  const { channel, say } = open();
  say({ type: "ready", commands: ["add"] });
  assertEquals(await channel.ready, ["add"]);
});

Deno.test("a module that fails to load rejects ready with its error", async () => {
  const { channel, say } = open();
  say({ type: "failed", failure: { code: "unknown", name: "TypeError", message: "boom" } });
  const error = await assertRejects(() => channel.ready, RpcError, "TypeError: boom");
  assertEquals(error.code, "failed_precondition");
});

Deno.test("what a terminal obeys in the error of a module is escaped", async () => {
  const { channel, say } = open();
  const failure = { code: "unknown", name: "Error", message: "\x9b31m", stack: "\x1b[2J" } as const;
  say({ type: "failed", failure });
  const error = await assertRejects(() => channel.ready, RpcError, String.raw`Error: \u009b31m`);
  assertEquals((error.cause as Error).stack, String.raw`\u001b[2J`);
});

Deno.test("a sandbox is ready once", () => {
  const { say } = open();
  say({ type: "ready", commands: ["add"] });
  assertThrows(() => say({ type: "ready", commands: [] }), TypeError, "twice");
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
  assertEquals([resultOf(outcome), sent.at(-1)?.type], ["deadline_exceeded: too late", "abort"]);
});

Deno.test("a sandbox whose command heeds its signal may run another", async () => {
  const { channel, say } = open();
  const controller = new AbortController();
  const running = channel.run(job("add"), controller.signal);
  controller.abort();
  await running;
  say({ type: "done", run: 1, outcome: ok(1) });
  assertEquals(await channel.settled(), true);
});

Deno.test("a sandbox whose command does not heed its signal may not", async () => {
  const { channel } = open();
  const controller = new AbortController();
  const running = channel.run(job("add"), controller.signal);
  controller.abort();
  await running;
  assertEquals(await channel.settled(), false);
});

Deno.test("a sandbox that breaks ends the job in flight, and takes none after it", async () => {
  const { channel } = open();
  const running = channel.run(job("add"), never);
  channel.break((command) => failedOutcome("unknown", `${command} broke`), "it broke");
  const next = await channel.run(job("add"), never);
  assertEquals([resultOf(await running), next.ok || next.failure.code, channel.usable], [
    "unknown: add broke",
    "unavailable",
    false,
  ]);
});
