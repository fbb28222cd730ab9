/**
 * Topics and the offsets of their partitions.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { EARLIEST, LATEST } from "../../../src/transport/kafka/port.ts";
import type { Declare, PortBench } from "./port_conformance.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const INVALID_TOPIC = 17;
const TOPIC_ALREADY_EXISTS = 36;
const INVALID_PARTITIONS = 37;
const INVALID_REPLICATION_FACTOR = 38;

function create(bench: PortBench, topic: string, shape = { partitions: 1, replicationFactor: -1 }) {
  return bench.send("CreateTopics", { timeoutMs: 5_000, topics: [{ topic, ...shape }] });
}

async function metadataOf(bench: PortBench, topic: string) {
  return (await bench.send("Metadata", { topics: [topic] })).topics[0]!;
}

async function listed(bench: PortBench, topic: string, timestamp: bigint) {
  const partitions = [{ topic, partition: 0, timestamp }];
  const { error, offset } = (await bench.send("ListOffsets", { partitions })).partitions[0]!;
  return { error, offset };
}

/** Declares the tests. */
export function conformanceOfTopics(declare: Declare): void {
  declare("Metadata of a missing topic has its error, and does not create it", async (bench) => {
    const topic = `missing-${crypto.randomUUID()}`;
    await metadataOf(bench, topic);
    const { error, partitions } = await metadataOf(bench, topic);
    assertEquals([error, partitions], [UNKNOWN_TOPIC_OR_PARTITION, []]);
  });

  declare(
    "Metadata of a topic just created has its partitions, once it is known",
    async (bench) => {
      const topic = `created-${crypto.randomUUID()}`;
      await create(bench, topic, { partitions: 3, replicationFactor: -1 });
      const answer = await bench.until(
        () => metadataOf(bench, topic),
        ({ error, partitions }) => error === 0 && partitions.every(({ error }) => error === 0),
      );
      assertEquals(answer.partitions.map(({ partition }) => partition).toSorted(), [0, 1, 2]);
    },
  );

  declare("Metadata of a topic just deleted has its error, once that is known", async (bench) => {
    const topic = await bench.topic();
    await bench.port.deleteTopic(topic);
    const gone = await bench.until(() => metadataOf(bench, topic), ({ error }) => error !== 0);
    assertEquals([gone.error, gone.partitions], [UNKNOWN_TOPIC_OR_PARTITION, []]);
  });

  declare("Metadata of no topics names the brokers, and no topics", async (bench) => {
    await bench.topic();
    const { brokers, topics } = await bench.send("Metadata", { topics: [] });
    assertEquals([brokers.length > 0, topics], [true, []]);
  });

  declare("Metadata of several topics has an error for each that is missing", async (bench) => {
    const topic = await bench.topic();
    const { topics } = await bench.send("Metadata", { topics: [topic, "missing", topic] });
    const errors = new Map(topics.map(({ topic, error }) => [topic, error]));
    assertEquals([errors.get(topic), errors.get("missing")], [0, UNKNOWN_TOPIC_OR_PARTITION]);
  });

  declare("CreateTopics refuses what exists, with a text", async (bench) => {
    const topic = await bench.topic();
    const { topics: [refused] } = await create(bench, topic);
    assertEquals([refused!.error, typeof refused!.message], [TOPIC_ALREADY_EXISTS, "string"]);
  });

  declare("CreateTopics refuses each impossible topic by itself", async (bench) => {
    const name = () => `several-${crypto.randomUUID()}`;
    const topics = [
      { topic: name(), partitions: 1, replicationFactor: -1 },
      { topic: "not a name", partitions: 1, replicationFactor: -1 },
      { topic: name(), partitions: 0, replicationFactor: -1 },
      { topic: name(), partitions: 1, replicationFactor: 100 },
    ];
    const answer = await bench.send("CreateTopics", { timeoutMs: 5_000, topics });
    const errors = new Map(answer.topics.map(({ topic, error }) => [topic, error]));
    assertEquals(topics.map(({ topic }) => errors.get(topic)), [
      ...[0, INVALID_TOPIC, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR],
    ]);
  });

  declare("Produce gives the offset of each batch", async (bench) => {
    const topic = await bench.topic();
    assertEquals([await bench.produce(topic, 1, 1, 1), await bench.produce(topic, 1)], [0n, 3n]);
  });

  declare("Produce fails for what is missing, and for nothing else", async (bench) => {
    const topic = await bench.topic();
    const partitions = ["missing", topic, topic].map((topic, partition) => ({
      topic,
      partition: partition - 1 < 0 ? 0 : partition - 1,
      timestamp: 1_700_000_000_000,
      records: [{ topic, key: null, value: new Uint8Array(1), headers: {} }],
    }));
    const answer = await bench.send("Produce", { timeoutMs: 5_000, partitions });
    const outcomes = answer.partitions.map(({ topic: name, partition, error, baseOffset }) => {
      return [name === topic, partition, error, baseOffset];
    });
    assertEquals(outcomes.toSorted(), [
      [false, 0, UNKNOWN_TOPIC_OR_PARTITION, -1n],
      [true, 0, 0, 0n],
      [true, 1, UNKNOWN_TOPIC_OR_PARTITION, -1n],
    ]);
  });

  declare("ListOffsets gives both ends of a log, and where a time begins", async (bench) => {
    const topic = await bench.topic();
    assertEquals(await listed(bench, topic, LATEST), { error: 0, offset: 0n });
    await bench.produce(topic, 1, 1);
    assertEquals(await listed(bench, topic, EARLIEST), { error: 0, offset: 0n });
    assertEquals(await listed(bench, topic, LATEST), { error: 0, offset: 2n });
    assertEquals(await listed(bench, topic, 1_600_000_000_000n), { error: 0, offset: 0n });
    assertEquals(await listed(bench, topic, 1_800_000_000_000n), { error: 0, offset: -1n });
  });

  declare("ListOffsets gives the log's start after records were deleted", async (bench) => {
    const topic = await bench.topic();
    await bench.produce(topic, 1, 1, 1);
    await bench.port.deleteRecords(topic, 2n);
    assertEquals(await listed(bench, topic, EARLIEST), { error: 0, offset: 2n });
  });

  declare("ListOffsets has an error for what is missing", async (bench) => {
    const missing = { error: UNKNOWN_TOPIC_OR_PARTITION, offset: -1n };
    assertEquals(await listed(bench, "missing", LATEST), missing);
  });
}
