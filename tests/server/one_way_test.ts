// One-way calls at a server: they run, and are answered to nobody.
import { assertEquals } from "@std/assert";
import type { ServeOptions } from "../../src/server/options.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { textOf } from "../../src/wire/utf8.ts";
import { Arrivals } from "../arrivals.ts";
import { ManualClock } from "../manual_clock.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { Counter } from "./counter.ts";

const ONE_WAY = { "rpc-reply": "none" };

/** Commands that note their runs. */
function noting() {
  const ran = new Arrivals<unknown>();
  const commands = {
    note: (value: unknown) => ran.push(value),
    refuse: () => {
      throw new RpcError("not_found", "there is no such order");
    },
    echo: (value: unknown) => value,
  };
  return { ran, commands };
}

async function opened(options: Partial<ServeOptions> = {}, broker?: MemoryBroker) {
  const logger = new RecordingLogger();
  const { ran, commands } = noting();
  const counter = await Counter.open({ commands, logger, ...options }, 1, broker);
  /** Everything before it is done when this resolves, where one command runs at a time. */
  const settle = () => counter.ask("echo", "last");
  return {
    logger,
    ran,
    counter,
    settle,
    [Symbol.asyncDispose]: () => counter[Symbol.asyncDispose](),
  };
}

/** What is kept of failed calls: reasons by key. */
const letters = (broker: MemoryBroker) =>
  broker.partitions("commands-dlt")[0]!.records.map(({ key, value, headers }) => [
    textOf(key!),
    textOf(value!),
    textOf(headers.get("rpc-dlt-reason")!),
  ]);

Deno.test("a one-way call runs, and no reply is made", async () => {
  await using at = await opened({ concurrency: 1 });
  at.counter.send("a", "note", 1, ONE_WAY);
  await at.ran.first(1);
  await at.settle();
  assertEquals(at.counter.replies.items.map(({ value }) => value), ["last"]);
});

Deno.test("a one-way call that fails is logged, with code and text", async () => {
  await using at = await opened({ concurrency: 1 });
  at.counter.send("a", "refuse", 1, ONE_WAY);
  await at.settle();
  const line = at.logger.lines.items.find(({ message }) => message === "a one-way call failed");
  const { id, command, code, offset, error } = line!.fields;
  assertEquals([id, command, code, offset, String(error).split("\n")[0]], [
    "a",
    "refuse",
    "not_found",
    0n,
    "RpcError: there is no such order",
  ]);
});

for (
  const [what, command, headers, reason] of [
    ["fails", "refuse", {}, "not_found: there is no such order"],
    ["names no command", "absent", {}, 'not_found: Cannot run "absent": there is no such command.'],
    ["has expired", "note", { "rpc-deadline": "1" }, 'deadline_exceeded: Cannot run "note": its'],
  ] as const
) {
  Deno.test(`a one-way call that ${what} is among the dead letters, with the reason`, async () => {
    await using at = await opened({ concurrency: 1, deadLetters: true });
    at.counter.send("a", command, 1, { ...ONE_WAY, ...headers });
    await at.settle();
    const [[key, value, said]] = letters(at.counter.broker) as [string[]];
    assertEquals([key, value, said!.slice(0, reason.length), at.ran.items], ["a", "1", reason, []]);
  });
}

Deno.test("a one-way call without a deadline is as good after a day", async () => {
  using clock = new ManualClock();
  const broker = new MemoryBroker();
  broker.createTopic("commands");
  const headers = { "rpc-version": "1", "rpc-command": "note", ...ONE_WAY };
  broker.append({ topic: "commands", key: "a", value: "1", headers });
  clock.jump(86_400_000);
  await using at = await opened({}, broker);
  assertEquals(await at.ran.first(1), [1]);
});

Deno.test("a one-way call is not refused by a busy server: it waits for its turn", async () => {
  using clock = new ManualClock();
  const gate = Promise.withResolvers<void>();
  const { ran, commands } = noting();
  const gated = { ...commands, gated: () => gate.promise };
  await using counter = await Counter.open({
    commands: gated,
    concurrency: 1,
    limits: { queueMs: 10, timeoutMs: 60_000 },
  });
  counter.send("a", "gated");
  counter.send("b", "note", 1, ONE_WAY);
  await clock.advance(30_000);
  gate.resolve();
  assertEquals(await ran.first(1), [1]);
});

Deno.test("a one-way call that comes again does not run again", async () => {
  await using at = await opened({ concurrency: 1 });
  at.counter.send("a", "note", 1, ONE_WAY);
  at.counter.send("a", "note", 1, { ...ONE_WAY, "rpc-attempt": "2" });
  await at.settle();
  assertEquals([at.ran.items, at.counter.server.counts.repeated], [[1], 1]);
});

Deno.test("a one-way call that fails again is kept once", async () => {
  await using at = await opened({ concurrency: 1, deadLetters: true });
  for (const _ of [1, 2]) at.counter.send("a", "refuse", 1, ONE_WAY);
  await at.settle();
  assertEquals(letters(at.counter.broker).length, 1);
});

Deno.test("a call is not answered with what a one-way call under its id gave", async () => {
  await using at = await opened({ concurrency: 1 });
  at.counter.send("a", "echo", 1, ONE_WAY);
  at.counter.send("a", "echo", 1);
  assertEquals((await at.counter.reply("a")).status, "already_exists");
});

Deno.test("a one-way call that a stopping server aborts comes again", async () => {
  const started = new Arrivals<string>();
  const commands = {
    hang: (_: unknown, { id }: { id: string }) => {
      started.push(id);
      return new Promise(() => {});
    },
  };
  const counter = await Counter.open({ commands, drainTimeoutMs: 1 });
  counter.send("a", "hang", 1, ONE_WAY);
  await started.first(1);
  await counter.server.close();
  const again = { hang: (_: unknown, { id }: { id: string }) => started.push(`${id} again`) };
  await using _again = await Counter.open({ commands: again }, 1, counter.broker);
  assertEquals(await started.first(2), ["a", "a again"]);
  await counter[Symbol.asyncDispose]();
});

Deno.test("a one-way record that can't be read gets no reply, and is kept", async () => {
  await using at = await opened({ concurrency: 1, deadLetters: true });
  at.counter.append({ key: "a", value: "1", headers: { "rpc-version": "1", ...ONE_WAY } });
  await at.settle();
  const reasons = letters(at.counter.broker).map(([, , reason]) => reason);
  assertEquals([at.counter.replies.items.length, reasons], [1, [
    "header rpc-command is missing or empty",
  ]]);
});

Deno.test("an interceptor of a server sees that a call is one-way", async () => {
  const seen: unknown[] = [];
  await using at = await opened({
    concurrency: 1,
    interceptors: [(next) => (call) => {
      seen.push(call.oneWay);
      return next(call);
    }],
  });
  at.counter.send("a", "note", 1, ONE_WAY);
  await at.settle();
  assertEquals(seen, [true, undefined]);
});
