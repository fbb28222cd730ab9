// What a server does with requests for streams, written by the test.
import { assertEquals, assertMatch } from "@std/assert";
import { writeCancel, writeCredit } from "../../src/wire/control.ts";
import { requestDigest } from "../../src/wire/digest.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import { HEADER } from "../../src/wire/headers.ts";
import type { CommandTable } from "../../src/executor/in_process.ts";
import type { Limits } from "../../src/server/options.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { ManualClock } from "../manual_clock.ts";
import { Counter } from "../server/counter.ts";
import { Arrivals } from "../arrivals.ts";
import { turns } from "./hall.ts";

const CONTROL = "commands_control";
const STREAM = { [HEADER.reply]: "stream" };

/** Numbers, and what became of their generators. */
function numbers() {
  const said = new Arrivals<string>();
  async function* count(to: number) {
    said.push("begun");
    try {
      for (let n = 0; n < to; n++) yield n;
    } finally {
      said.push("ended");
    }
  }
  return { said, commands: { count } };
}

/** A server that does not wait for streams when it closes. */
const opened = (commands: CommandTable, limits: Limits = {}) =>
  Counter.open({ commands, limits, drainTimeoutMs: 1 });

const callOf = (id: string, input: unknown) => {
  return { id, digest: requestDigest({ command: "count", input: codecsWith().encode(input) }) };
};

/** Numbers and marks of the frames of a stream: `0+` and others that more follow, `2` the last. */
const framesOf = (counter: Counter, id = "id1") =>
  counter.replies.items.filter(({ key }) => key === id)
    .map(({ headers }) => `${headers[HEADER.seq]}${headers[HEADER.more] === "1" ? "+" : ""}`);

Deno.test("a stream is sent as frames, the last one without rpc-more", async () => {
  const { commands } = numbers();
  await using counter = await opened(commands);
  counter.send("id1", "count", 2, STREAM);
  await counter.replies.first(3);
  assertEquals(framesOf(counter), ["0+", "1+", "2"]);
});

Deno.test("no frame is sent beyond the credit of the request, and the next one goes on", async () => {
  const { commands } = numbers();
  await using counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "2" });
  await counter.replies.first(3);
  await turns();
  const before = framesOf(counter);
  counter.broker.append(writeCredit(CONTROL, {
    ...callOf("id1", 10),
    credit: { seq: 3, bytes: Infinity },
  }));
  await counter.replies.first(4);
  await turns();
  assertEquals([before, framesOf(counter)], [["0+", "1+", "2+"], ["0+", "1+", "2+", "3+"]]);
});

Deno.test("a credit with another digest is for no stream", async () => {
  const { commands } = numbers();
  await using counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "0" });
  await counter.replies.first(1);
  const credit = { seq: 9, bytes: Infinity };
  counter.broker.append(writeCredit(CONTROL, { ...callOf("id1", 11), credit }));
  await turns();
  assertEquals(framesOf(counter), ["0+"]);
});

Deno.test("a credit that can't be read is refused with invalid_argument", async () => {
  const { commands } = numbers();
  await using counter = await opened(commands);
  const { status, message } = await counter.ask("count", 1, { ...STREAM, [HEADER.credit]: "many" });
  assertEquals(status, "invalid_argument");
  assertMatch(message, /a credit is "many"/);
});

Deno.test("a canceled stream ends without a last frame, and its `finally` runs", async () => {
  const { said, commands } = numbers();
  await using counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "0" });
  await counter.replies.first(1);
  counter.broker.append(writeCancel(CONTROL, callOf("id1", 10)));
  await said.at(1);
  await turns();
  assertEquals([framesOf(counter), counter.server.counts.canceled], [["0+"], 1]);
});

Deno.test("a request that comes again while its stream is open joins it", async () => {
  const { said, commands } = numbers();
  await using counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "1" });
  await counter.replies.first(2);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "1" });
  await turns();
  assertEquals([said.items, framesOf(counter)], [["begun"], ["0+", "1+"]]);
});

Deno.test("a plain call with the id of an open stream is refused with already_exists", async () => {
  const { commands } = numbers();
  await using counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "0" });
  await counter.replies.first(1);
  counter.send("id1", "count", 10);
  assertEquals((await counter.replies.at(1)).status, "already_exists");
});

Deno.test("a request that comes again after its stream is refused with aborted", async () => {
  const { said, commands } = numbers();
  await using counter = await opened(commands);
  counter.send("id1", "count", 1, STREAM);
  await counter.replies.first(2);
  counter.send("id1", "count", 1, STREAM);
  const { status, headers } = await counter.replies.at(2);
  assertEquals([status, headers[HEADER.seq], said.items], ["aborted", undefined, [
    "begun",
    "ended",
  ]]);
});

Deno.test("another server does not run a stream that has begun before it started", async () => {
  const { said, commands } = numbers();
  const counter = await opened(commands);
  counter.send("id1", "count", 1, STREAM);
  await counter.replies.first(2);
  await counter[Symbol.asyncDispose]();
  await using second = await serve({
    commands,
    logger: silentLogger,
    transport: counter.broker.transport(),
  });
  counter.send("id1", "count", 1, STREAM);
  const results = counter.broker.partitions("commands_results")[0]!.records;
  while (results.length < 3) await turns(1);
  const status = new TextDecoder().decode(results[2]!.headers.get(HEADER.status));
  assertEquals([status, said.items.length, second.counts.repeated], ["aborted", 2, 1]);
});

Deno.test("a stream that failed before its first value may run again", async () => {
  let runs = 0;
  const commands = {
    // deno-lint-ignore require-yield -- it fails before
    async *busy() {
      runs++;
      throw Object.assign(new Error("busy"), { name: "RpcError", code: "unavailable" });
    },
  };
  await using counter = await opened(commands);
  counter.send("id1", "busy", 1, STREAM);
  await counter.replies.first(1);
  counter.send("id1", "busy", 1, STREAM);
  await counter.replies.first(2);
  assertEquals(runs, 2);
});

Deno.test("the request of a stream that has begun is committed while it is open", async () => {
  const { commands } = numbers();
  await using counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "0" });
  await counter.replies.first(1);
  const { committed } = counter.broker.group("commands-servers", "commands");
  while (committed.get(0) !== 1n) await new Promise((resolve) => setTimeout(resolve));
  assertEquals(framesOf(counter), ["0+"]);
});

Deno.test("an open stream does not hold up a rebalance", async () => {
  const { commands } = numbers();
  await using counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "0" });
  await counter.replies.first(1);
  using clock = new ManualClock();
  const joining = serve({
    commands,
    logger: silentLogger,
    transport: counter.broker.transport(),
  });
  await turns();
  await using _second = await joining;
  assertEquals([clock.now(), framesOf(counter)], [0, ["0+"]]);
});

Deno.test("a silent stream says every 3 s that it goes on", async () => {
  using clock = new ManualClock();
  const { commands } = numbers();
  const counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "0" });
  await clock.advance(7_000);
  const frames = framesOf(counter);
  counter.broker.append(writeCancel(CONTROL, callOf("id1", 10)));
  await clock.advance(1);
  await counter[Symbol.asyncDispose]();
  assertEquals(frames, ["0+", "1+", "1+"]);
});

Deno.test("a stream without a credit of its caller for 60 s ends", async () => {
  using clock = new ManualClock();
  const { said, commands } = numbers();
  const counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "0" });
  await clock.advance(62_000);
  const { status, headers } = counter.replies.items.at(-1)!;
  await counter[Symbol.asyncDispose]();
  assertEquals([status, headers[HEADER.seq], said.items.at(-1)], [
    "deadline_exceeded",
    "1",
    "ended",
  ]);
});

Deno.test("a credit keeps a stream open whose caller takes nothing", async () => {
  using clock = new ManualClock();
  const { said, commands } = numbers();
  const counter = await opened(commands);
  counter.send("id1", "count", 10, { ...STREAM, [HEADER.credit]: "0" });
  for (let times = 0; times < 5; times++) {
    await clock.advance(40_000);
    const credit = { seq: 0, bytes: Infinity };
    counter.broker.append(writeCredit(CONTROL, { ...callOf("id1", 10), credit }));
  }
  await clock.advance(1);
  const before = [...said.items];
  counter.broker.append(writeCancel(CONTROL, callOf("id1", 10)));
  await clock.advance(1);
  await counter[Symbol.asyncDispose]();
  assertEquals(before, ["begun"]);
});

Deno.test("a generator has `limits.timeoutMs` for each value; a wait for its caller is none", async () => {
  using clock = new ManualClock();
  const commands = {
    async *slow() {
      yield 0;
      yield 1;
      await new Promise(() => {});
    },
  };
  const counter = await opened(commands, { timeoutMs: 5_000 });
  counter.send("id1", "slow", 1, { ...STREAM, [HEADER.credit]: "0" });
  await clock.advance(20_000);
  const waiting = counter.replies.items.at(-1)!.headers[HEADER.more];
  const digest = requestDigest({ command: "slow", input: codecsWith().encode(1) });
  const credit = { seq: 9, bytes: Infinity };
  counter.broker.append(writeCredit(CONTROL, { id: "id1", digest, credit }));
  await clock.advance(4_999);
  const running = counter.replies.items.at(-1)!.headers[HEADER.more];
  await clock.advance(10);
  const { status } = counter.replies.items.at(-1)!;
  await counter[Symbol.asyncDispose]();
  assertEquals([waiting, running, status], ["1", "1", "deadline_exceeded"]);
});
