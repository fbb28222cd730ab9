/**
 * What every transport does, as tests: the same for the one in memory and the
 * one over Kafka. Reads, tails and consumer groups have files of their own.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { ProduceRetries } from "../../src/transport/produce_retries.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type { IncomingRecord, OutgoingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";
import { conformanceOfGroups } from "./conformance_groups.ts";
import { conformanceOfReads } from "./conformance_reads.ts";
import { conformanceOfTails } from "./conformance_tails.ts";

/** A cluster under test: it gives transports that see the same topics. */
export interface ClusterUnderTest {
  /** Its name, at the beginning of the name of each test. */
  readonly name: string;
  /** A transport that is not connected yet. */
  transport(): Transport;
  /** Produces records in a transaction, and commits or aborts it, where the cluster has those. */
  transact?(topic: string, values: readonly string[], end: "commit" | "abort"): Promise<void>;
}

/** A topic of this test alone, and a connected transport. */
export interface Bench extends AsyncDisposable {
  readonly topic: string;
  readonly transport: Transport;
  /** Produces a record, again where another attempt may help: a new topic has no leader for a moment. */
  produce(record: OutgoingRecord): Promise<void>;
  /** One more transport on the same cluster, connected. */
  another(): Promise<Transport>;
}

/**
 * Sets up a topic.
 *
 * @param cluster Where.
 * @param partitions Partitions of the topic.
 * @returns The topic and its transports; disposing of it closes them all.
 */
export async function bench(cluster: ClusterUnderTest, partitions = 1): Promise<Bench> {
  const opened = new AsyncDisposableStack();
  const another = async () => {
    const transport = opened.use(cluster.transport());
    await transport.connect({ timeoutMs: 10_000 });
    return transport;
  };
  const topic = `t-${crypto.randomUUID()}`;
  const transport = await another();
  await transport.ensureTopics([{ topic, partitions }], { create: true });
  const retries = new ProduceRetries(transport, { background: false });
  const produce = (record: OutgoingRecord) => retries.produce(record);
  return { topic, transport, produce, another, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Bytes of a text. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A record with a text as its value. */
export const record = (topic: string, value: string, partition?: number): OutgoingRecord => ({
  topic,
  partition,
  key: null,
  value: bytes(value),
  headers: {},
});

/** The value of a record as text. */
export const valueOf = ({ value }: IncomingRecord): string | null =>
  value && new TextDecoder().decode(value);

/**
 * Declares the tests.
 *
 * @param cluster What is tested.
 */
export function conformance(cluster: ClusterUnderTest): void {
  const test = (name: string, run: () => Promise<void>) =>
    Deno.test(`${cluster.name}: ${name}`, run);

  test("ensureTopics() creates a topic with the partitions that are asked for", async () => {
    await using at = await bench(cluster, 3);
    assertEquals(await at.transport.partitionsOf(at.topic), 3);
  });

  test("ensureTopics() leaves a topic that exists as it is", async () => {
    await using at = await bench(cluster, 2);
    await at.transport.ensureTopics([{ topic: at.topic, partitions: 5 }], { create: true });
    assertEquals(await at.transport.partitionsOf(at.topic), 2);
  });

  test("ensureTopics() of two programs at once creates a topic once", async () => {
    await using at = await bench(cluster);
    const other = await at.another();
    const topics = [{ topic: `t-${crypto.randomUUID()}`, partitions: 2 }];
    await Promise.all([
      at.transport.ensureTopics(topics, { create: true }),
      other.ensureTopics(topics, { create: true }),
    ]);
    assertEquals(await other.partitionsOf(topics[0]!.topic), 2);
  });

  test("ensureTopics() without `create` names the topic that is missing", async () => {
    await using at = await bench(cluster);
    const topic = `t-${crypto.randomUUID()}`;
    const error = await assertRejects(
      () => at.transport.ensureTopics([{ topic: at.topic }, { topic }], { create: false }),
      RpcError,
      topic,
    );
    assertEquals(error.code, "failed_precondition");
  });

  test("produce() after close() rejects with unavailable", async () => {
    await using at = await bench(cluster);
    const transport = await at.another();
    await transport.close();
    const error = await assertRejects(() => transport.produce(record(at.topic, "x")), RpcError);
    assertEquals(error.code, "unavailable");
  });

  test("close() may be called again", async () => {
    await using at = await bench(cluster);
    await at.transport.close();
    assertEquals(await at.transport.close(), undefined);
  });

  test("close() ends what the transport reads and consumes", async () => {
    await using at = await bench(cluster);
    const transport = await at.another();
    const seen = new Arrivals<IncomingRecord>();
    const { topic } = at;
    await transport.read({ topic, partition: 0, onRecord: seen.push });
    const group = `g-${crypto.randomUUID()}`;
    const consumption = await transport.consume({
      topic,
      group,
      ready: () => undefined,
      onRecord: seen.push,
      onAssigned: () => {},
    });
    await transport.close();
    await consumption.finished;
    const last = new Arrivals<IncomingRecord>();
    await using _ = await at.transport.read({ topic, partition: 0, onRecord: last.push });
    await at.produce(record(topic, "unseen"));
    await last.at(0);
    assertEquals(seen.items, []);
  });

  conformanceOfReads(cluster, test);
  conformanceOfGroups(cluster, test);
  conformanceOfTails(cluster, test);
}
