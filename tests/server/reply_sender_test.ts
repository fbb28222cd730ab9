import { assertEquals, assertStringIncludes } from "@std/assert";
import { serve } from "../../src/server/server.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { Arrivals } from "../arrivals.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { ManualClock } from "../manual_clock.ts";
import { within } from "../within.ts";
import { Counter } from "./counter.ts";

const commands = { ping: () => "pong" };

Deno.test("a reply goes to the partition that the request names", async () => {
  await using counter = await Counter.open({ commands }, 5);
  assertEquals((await counter.ask("ping", 1, { "rpc-reply-partition": "3" })).partition, 3);
});

Deno.test("a reply topic outside replyTopics is permission_denied", async () => {
  await using counter = await Counter.open({ commands });
  counter.broker.createTopic("elsewhere");
  const { status, message } = await counter.ask("ping", 1, { "rpc-reply-topic": "elsewhere" });
  assertEquals(status, "permission_denied");
  assertStringIncludes(message, '"elsewhere": this server replies on commands_results only');
});

Deno.test("a command whose reply topic is refused never starts", async () => {
  let started = 0;
  await using counter = await Counter.open({ commands: { start: () => ++started } });
  await counter.ask("start", 1, { "rpc-reply-topic": "elsewhere" });
  assertEquals(started, 0);
});

Deno.test("a reply topic of replyTopics is used", async () => {
  const options = { commands, replyTopics: ["commands_results", "elsewhere"] };
  await using counter = await Counter.open(options);
  counter.send("id1", "ping", 1, { "rpc-reply-topic": "elsewhere" });
  await counter.ask("ping");
  assertEquals(counter.broker.partitions("elsewhere")[0]!.records.length, 1);
});

Deno.test("a partition that is not there is invalid_argument, on the key's partition", async () => {
  await using counter = await Counter.open({ commands }, 2);
  const { status, message } = await counter.ask("ping", 1, { "rpc-reply-partition": "2" });
  assertEquals(status, "invalid_argument");
  assertStringIncludes(message, "commands_results[2]: there is no such partition");
});

/** A server whose transport the test interferes with; it gives the first reply to one ping. */
async function firstReply(
  interfere: (transport: Transport) => void,
): Promise<{ status: string; logger: RecordingLogger; lost: number }> {
  const broker = new MemoryBroker();
  const logger = new RecordingLogger();
  const transport = broker.transport();
  interfere(transport);
  await using server = await serve({ commands, logger, transport });
  const replied = Promise.withResolvers<string>();
  await using reader = broker.transport();
  await reader.read({
    topic: "commands_results",
    partition: 0,
    onRecord: ({ headers }) => replied.resolve(new TextDecoder().decode(headers.get("rpc-status"))),
  });
  broker.append({
    topic: "commands",
    key: new TextEncoder().encode("id1"),
    value: new Uint8Array(0),
    headers: { "rpc-version": "1", "rpc-command": "ping", "rpc-reply-partition": "0" },
  });
  const status = await within(replied.promise, "the reply");
  return { status, logger, lost: server.counts.lost };
}

Deno.test("a reply that no broker takes at first is sent again", async () => {
  let attempts = 0;
  const { status } = await firstReply((transport) => {
    const produce = transport.produce.bind(transport);
    transport.produce = (record) =>
      attempts++ === 0
        ? Promise.reject(new RpcError("unavailable", "Cannot send: down."))
        : produce(record);
  });
  assertEquals([status, attempts], ["ok", 2]);
});

Deno.test("a result that its topic does not take is answered as resource_exhausted", async () => {
  const { status } = await firstReply((transport) => {
    const produce = transport.produce.bind(transport);
    transport.produce = (record) =>
      record.headers["rpc-status"] === "ok"
        ? Promise.reject(new RpcError("resource_exhausted", "Cannot send: too large."))
        : produce(record);
  });
  assertEquals(status, "resource_exhausted");
});

Deno.test("a command runs and is answered where the partitions can't be looked up", async () => {
  const { status } = await firstReply((transport) => {
    const partitionsOf = transport.partitionsOf.bind(transport);
    transport.partitionsOf = (topic) =>
      topic === "commands_results"
        ? Promise.reject(new RpcError("unavailable", "Cannot ask: down."))
        : partitionsOf(topic);
  });
  assertEquals(status, "ok");
});

Deno.test("replies that will never be taken are counted as lost, the first and their number logged", async () => {
  const broker = new MemoryBroker();
  const logger = new RecordingLogger();
  const transport = broker.transport();
  transport.produce = () => Promise.reject(new RpcError("permission_denied", "Cannot send: ACL."));
  await using server = await serve({ commands, logger, transport });
  const headers = { "rpc-version": "1", "rpc-command": "ping" };
  const append = (id: string) => {
    const key = new TextEncoder().encode(id);
    broker.append({ topic: "commands", key, value: new Uint8Array(0), headers });
  };
  for (const id of ["id1", "id2", "id3"]) append(id);
  const errors = () => logger.lines.items.filter(({ level }) => level === "error");
  await logger.lines.until(() => errors().length > 0, "its line of the log");
  await server.close();
  assertEquals(server.counts.lost, 3);
  assertEquals(
    errors().map(({ message, fields }) => [message, fields["id"], fields["unreported"]]),
    [
      ["a reply is lost", "id1", undefined],
      ["a reply is lost", "id3", 1],
    ],
  );
});

Deno.test("a reply is sent again until the deadline of its call, however short a command may run", async () => {
  using clock = new ManualClock();
  const broker = new MemoryBroker();
  const transport = broker.transport();
  const produce = transport.produce.bind(transport);
  let isAway = true;
  transport.produce = (record) =>
    isAway ? Promise.reject(new RpcError("unavailable", "Cannot send: down.")) : produce(record);
  const logger = new RecordingLogger();
  await using _server = await serve({ commands, logger, transport, limits: { timeoutMs: 1_000 } });
  broker.append({
    topic: "commands",
    key: "id1",
    value: "",
    headers: {
      "rpc-version": "1",
      "rpc-command": "ping",
      "rpc-reply-partition": "0",
      "rpc-deadline": String(clock.wallTime() + 3_600_000),
    },
  });
  await clock.advance(60_000);
  isAway = false;
  await clock.advance(5_000);
  assertEquals(broker.partitions("commands_results")[0]!.records.length, 1);
});

Deno.test("replies to a partition that is away keep no other caller waiting", async () => {
  const broker = new MemoryBroker();
  broker.createTopic("commands");
  broker.createTopic("commands_results", 2);
  const transport = broker.transport();
  const produce = transport.produce.bind(transport);
  let isAway = true;
  transport.produce = (record, signal) =>
    isAway && record.partition === 1
      ? Promise.reject(new RpcError("unavailable", "Cannot send: it has no leader."))
      : produce(record, signal);
  // As many as are in flight at most.
  const limits = { queue: 1 };
  await using _server = await serve({
    commands,
    logger: silentLogger,
    transport,
    concurrency: 1,
    limits,
  });
  await using reader = broker.transport();
  const replies = [new Arrivals<unknown>(), new Arrivals<unknown>()];
  for (const [partition, { push }] of replies.entries()) {
    await reader.read({ topic: "commands_results", partition, onRecord: push });
  }
  for (const [id, partition] of [["id1", "1"], ["id2", "1"], ["id3", "0"]] as const) {
    broker.append({
      topic: "commands",
      key: new TextEncoder().encode(id),
      value: new Uint8Array(0),
      headers: { "rpc-version": "1", "rpc-command": "ping", "rpc-reply-partition": partition },
    });
  }
  await within(replies[0]!.at(0), "the reply to the other caller");
  isAway = false;
  await within(replies[1]!.at(1), "the replies that waited");
});
