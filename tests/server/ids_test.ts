// What knowing the id of another caller's request is good for: nothing.
import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { requestDigest } from "../../src/wire/digest.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import { textOf, utf8 } from "../../src/wire/utf8.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { Counter, type SeenReply } from "./counter.ts";

/** Commands that return how often they ran, and one that runs until the test ends it. */
function counting() {
  let count = 0;
  const gate = Promise.withResolvers<void>();
  const commands = {
    next: (_: unknown) => ++count,
    other: () => "other",
    gated: async (_: unknown) => {
      await gate.promise;
      return ++count;
    },
  };
  return { commands, gate, runs: () => count };
}

/** Replies under an id in one partition, as status and value. */
const inPartition = (replies: readonly SeenReply[], id: string, partition: number) =>
  replies.filter((reply) => reply.key === id && reply.partition === partition)
    .map(({ status, value }) => [status, value]);

/** Headers of a record as text, to send them again. */
const texts = (headers: IncomingRecord["headers"]) =>
  Object.fromEntries([...headers].map(([name, bytes]) => [name, textOf(bytes)!]));

const VARIANTS = [
  ["another command", "other", "secret", "0"],
  ["another input", "next", "guess", "0"],
  ["another reply address", "next", "secret", "1"],
] as const;

for (const [what, command, input, partition] of VARIANTS) {
  Deno.test(`the id of an answered call with ${what} is refused, and runs nothing`, async () => {
    const { commands, runs } = counting();
    await using counter = await Counter.open({ commands }, 2);
    counter.send("id1", "next", "secret", { "rpc-reply-partition": "0" });
    await counter.reply("id1");
    counter.send("id1", command, input, { "rpc-reply-partition": partition });
    const refusal = (await counter.replies.first(2))[1]!;
    assertEquals([refusal.status, refusal.partition, runs()], [
      "already_exists",
      Number(partition),
      1,
    ]);
    assertStringIncludes(refusal.message, "its id is that of a request with another");
  });

  Deno.test(`the id of a call in flight with ${what} is refused, and joins nothing`, async () => {
    const { commands, gate } = counting();
    await using counter = await Counter.open({ commands }, 2);
    counter.send("id1", "gated", "secret", { "rpc-reply-partition": "0" });
    counter.send("id1", command === "next" ? "gated" : command, input, {
      "rpc-reply-partition": partition,
    });
    const refusal = await counter.replies.at(0);
    gate.resolve();
    const replies = await counter.replies.first(2);
    assertEquals([refusal.status, inPartition(replies, "id1", 0).at(-1)], [
      "already_exists",
      ["ok", 1],
    ]);
  });

  Deno.test(`another server gives an answer with ${what} to no caller`, async () => {
    const { commands } = counting();
    await using counter = await Counter.open({ commands }, 2);
    counter.send("id1", "next", "secret", { "rpc-reply-partition": "0" });
    await counter.reply("id1");
    await counter.server.close();
    const transport = counter.broker.transport();
    await using _second = await serve({ commands, transport, logger: silentLogger });
    counter.send("id1", command, input, { "rpc-reply-partition": partition });
    const [first, second] = await counter.replies.first(2);
    assertNotEquals(second!.value, first!.value);
  });
}

Deno.test("a repeat from the first address is answered after others tried the id", async () => {
  const { commands, runs } = counting();
  await using counter = await Counter.open({ commands }, 2);
  const mine = { "rpc-reply-partition": "0" };
  counter.send("id1", "next", "secret", mine);
  await counter.reply("id1");
  for (const [, command, input, partition] of VARIANTS) {
    counter.send("id1", command, input, { "rpc-reply-partition": partition });
  }
  counter.send("id1", "next", "secret", mine);
  const replies = await counter.replies.first(5);
  const answers = inPartition(replies, "id1", 0).filter(([status]) => status === "ok");
  assertEquals([answers, runs()], [[["ok", 1], ["ok", 1]], 1]);
});

Deno.test("a repeat whose partition its key decides is answered again, also after a restart", async () => {
  const { commands } = counting();
  await using counter = await Counter.open({ commands }, 2);
  counter.send("id1", "next", "secret");
  counter.send("id1", "next", "secret");
  await counter.replies.first(2);
  await counter.server.close();
  const transport = counter.broker.transport();
  await using _second = await serve({ commands, transport, logger: silentLogger });
  counter.send("id1", "next", "secret");
  const replies = await counter.replies.first(3);
  assertEquals(replies.map(({ value }) => value), [1, 1, 1]);
});

Deno.test("a repeat under a key of its own is answered again, under another key it is refused", async () => {
  const { commands } = counting();
  await using counter = await Counter.open({ commands }, 2);
  const send = (key: string) =>
    counter.append({
      key,
      value: '"secret"',
      headers: { "rpc-version": "1", "rpc-command": "next", "rpc-id": "id1" },
    });
  send("tenant");
  send("tenant");
  send("another");
  const replies = await counter.replies.first(3);
  assertEquals(replies.map(({ status }) => status).sort(), ["already_exists", "ok", "ok"]);
});

Deno.test("an answer on the results topic that names no request is no caller's", async () => {
  const { commands } = counting();
  await using counter = await Counter.open({ commands });
  await counter.server.close();
  counter.broker.append({
    topic: "commands_results",
    key: utf8("id1"),
    value: utf8('"planted"'),
    headers: { "rpc-version": "1", "rpc-status": "ok" },
  });
  const transport = counter.broker.transport();
  await using _second = await serve({ commands, transport, logger: silentLogger });
  counter.send("id1", "next", "secret");
  assertEquals((await counter.replies.at(1)).value, 1);
});

Deno.test("a request with the id of another one is logged, with what differs", async () => {
  const logger = new RecordingLogger();
  const { commands } = counting();
  await using counter = await Counter.open({ commands, logger });
  counter.send("id1", "next", "secret");
  counter.send("id1", "next", "guess");
  await counter.replies.first(2);
  const line = logger.lines.items.find(({ level }) => level === "warn");
  assertEquals([line?.message, line?.fields["id"], line?.fields["conflict"]], [
    "a request has the id of another one, it is refused",
    "id1",
    "another command or input",
  ]);
});

Deno.test("every reply names the request that it answers", async () => {
  const { commands } = counting();
  await using counter = await Counter.open({ commands });
  const requests = [["next", "a"], ["absent", "a"]] as const;
  for (const [command, input] of requests) {
    const { headers } = await counter.ask(command, input);
    const digest = requestDigest({ command, input: codecsWith().encode(input) });
    assertEquals(headers["rpc-digest"], digest);
  }
});

Deno.test("the answer to a record that cannot be read names it too, and so answers no other", async () => {
  await using counter = await Counter.open({ commands: counting().commands });
  counter.append({ key: "id1", value: "1", headers: { "rpc-version": "1" } });
  const { status, headers } = await counter.reply("id1");
  assertEquals([status, headers["rpc-digest"]?.length], ["invalid_argument", 22]);
});

/** A call of a client that waits, and whatever another one answers, or makes a server answer. */
async function answeredBy(
  attack: (counter: Counter, request: IncomingRecord) => Promise<unknown>,
  options: { evaluate?: boolean } = {},
) {
  const { commands, gate } = counting();
  const all = { ...commands, echo: (x: unknown) => x };
  await using counter = await Counter.open({ commands: all, ...options });
  const logger = new RecordingLogger();
  const createTopics = { partitions: 1 };
  const transport = counter.broker.transport();
  await using client = await connect({ transport, logger, createTopics });
  const calling = client.call("gated", "secret");
  const produced = new Arrivals<IncomingRecord>();
  const reading = { topic: "commands", partition: 0, onRecord: produced.push };
  await counter.broker.transport().read(reading);
  const [first] = counter.broker.partitions("commands")[0]!.records;
  await attack(counter, first ?? await produced.at(0));
  gate.resolve();
  return { result: await calling.catch((error) => error.code), logger };
}

Deno.test("a refusal of another request does not end the call whose id it has", async () => {
  const { result } = await answeredBy(async (counter, { key, headers }) => {
    counter.append({
      key,
      value: '"forged"',
      headers: { ...texts(headers), "rpc-command": "echo" },
    });
    await counter.replies.first(1);
  });
  assertEquals(result, 1);
});

Deno.test("a record that cannot be read does not end the call whose id it has", async () => {
  const { result } = await answeredBy(async (counter, { key }) => {
    counter.append({ key, value: '"forged"', headers: { "rpc-version": "1" } });
    await counter.replies.first(1);
  });
  assertEquals(result, 1);
});

Deno.test("an expression under the id of a call does not answer it", async () => {
  const { result } = await answeredBy(async (counter, { key }) => {
    counter.append({ key, value: "'forged'" });
    await counter.replies.first(1);
  }, { evaluate: true });
  assertEquals(result, 1);
});

Deno.test("the result of another request is not taken for that of the call whose id it has", async () => {
  const { result, logger } = await answeredBy(async (counter, { key, headers }) => {
    // A server that does not know of the call, as one with other partitions.
    const echo = { echo: (x: unknown) => x };
    const transport = counter.broker.transport();
    counter.broker.createTopic("others");
    await using _ = await serve({
      commands: echo,
      topic: "others",
      resultsTopic: "commands_results",
      transport,
      logger: silentLogger,
    });
    const forged = { ...texts(headers), "rpc-command": "echo" };
    counter.broker.append({ topic: "others", key, value: utf8('"forged"'), headers: forged });
    await counter.replies.first(1);
  });
  assertEquals(result, 1);
  assertStringIncludes(logger.messages("warn").join(), "a reply is to another request");
});
