// What the reader does with answers that a healthy broker seldom gives, from a cluster that the
// test plays.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { FetchedMessage, OpenKafka } from "../../src/transport/kafkajs_private.ts";
import { PartitionReader } from "../../src/transport/kafkajs_reader.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";
import { RecordingLogger } from "../recording_logger.ts";

type Answer = Error | readonly FetchedMessage[];

const message = (offset: number, batch?: [first: number, last: number]): FetchedMessage => ({
  offset: String(offset),
  timestamp: "1",
  key: null,
  value: null,
  ...(batch &&
    { batchContext: { firstOffset: `${batch[0]}`, lastOffsetDelta: batch[1] - batch[0] } }),
});

const failure = (name: string, type?: string) => Object.assign(new Error(name), { name, type });

/** A cluster whose log ends at 10 and later at 50; it tells the offset of each fetch. */
function cluster(answers: readonly Answer[], latest: Error | undefined = undefined) {
  const asked = new Arrivals<number>();
  let ends = 0;
  const fetch = (request: { topics: [{ partitions: [{ fetchOffset: string }] }] }) => {
    const { fetchOffset } = request.topics[0].partitions[0];
    const answer = answers[asked.items.length];
    asked.push(Number(fetchOffset));
    // Nothing more comes: as a long poll without end.
    if (answer === undefined) return new Promise(() => {});
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({ responses: [{ topicName: "t", partitions: [{ messages: answer }] }] });
  };
  const made = {
    connect: () => Promise.resolve(),
    addMultipleTargetTopics: () => Promise.resolve(),
    refreshMetadata: () => Promise.resolve(),
    findLeaderForPartitions: () => ({ 1: [0] }),
    findBroker: () => Promise.resolve({ fetch }),
    fetchTopicsOffset: () => {
      if (latest !== undefined) return Promise.reject(latest);
      const offset = ends++ === 0 ? "10" : "50";
      return Promise.resolve([{ topic: "t", partitions: [{ partition: 0, offset }] }]);
    },
  };
  const open = { createCluster: () => made, destroySockets: () => Promise.resolve() };
  return { open: open as unknown as OpenKafka, asked };
}

/** Reads until the fetch of an answer that never comes. */
async function read(answers: readonly Answer[]) {
  const { open, asked } = cluster(answers);
  const records = new Arrivals<IncomingRecord>();
  const connected = new Arrivals<boolean>();
  const logger = new RecordingLogger();
  const options = {
    topic: "t",
    partition: 0,
    onRecord: records.push,
    onConnected: connected.push,
  };
  await using _reader = await PartitionReader.start(open, options, logger);
  const offsets = await asked.first(answers.length + 1);
  return { offsets, records: records.items, connected: connected.items, logger };
}

Deno.test("reading goes on behind a batch whose last records were compacted away", async () => {
  const { offsets } = await read([[message(9, [5, 12])]]);
  assertEquals(offsets, [10, 13]);
});

Deno.test("records before the one that was asked for are not delivered", async () => {
  const { records } = await read([[message(9, [9, 11]), message(10, [9, 11])]]);
  assertEquals(records.map(({ offset }) => offset), [10n]);
});

Deno.test("a record that cannot be decoded is told with what to do, and passed", async () => {
  const { offsets, logger, connected } = await read([failure("KafkaJSNotImplemented")]);
  const [line] = logger.lines.items.filter(({ level }) => level === "warn");
  assertStringIncludes(String(line?.fields["error"]), "`compression.type`");
  assertEquals([offsets, connected], [[10, 50], []]);
});

Deno.test("a fetch that is forbidden is an interruption, and told", async () => {
  const { connected, logger } = await read([failure("x", "TOPIC_AUTHORIZATION_FAILED")]);
  assertEquals([connected, logger.messages("warn")], [[false], ["records cannot be read"]]);
});

Deno.test("a read that is forbidden is not begun again and again", async () => {
  const { open } = cluster([], failure("x", "TOPIC_AUTHORIZATION_FAILED"));
  const options = { topic: "t", partition: 0, onRecord: () => {} };
  const error = await assertRejects(
    () => PartitionReader.start(open, options, new RecordingLogger()),
    RpcError,
  );
  assertEquals(error.code, "permission_denied");
});
