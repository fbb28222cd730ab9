/**
 * What a read of one partition does, whatever carries it.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";
import { bench, bytes, type ClusterUnderTest, record, valueOf } from "./conformance.ts";

/**
 * Declares the tests.
 *
 * @param cluster What is tested.
 * @param test Declares one.
 */
export function conformanceOfReads(
  cluster: ClusterUnderTest,
  test: (name: string, run: () => Promise<void>) => void,
): void {
  test("read() delivers key, value and headers as they were produced", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const seen = new Arrivals<IncomingRecord>();
    await using _ = await at.transport.read({ topic, partition: 0, onRecord: seen.push });
    const [key, value] = [bytes("k"), Uint8Array.of(0, 255)];
    await at.produce({ topic, key, value, headers: { "x-y": "Grüße" } });
    const read = await seen.at(0);
    const headers = [...read.headers].map(([name, text]) => [name, [...text]]);
    assertEquals([[...read.key!], [...read.value!], headers], [
      [...key],
      [...value],
      [["x-y", [...bytes("Grüße")]]],
    ]);
  });

  test("read() delivers a null key and a null value as null", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const seen = new Arrivals<IncomingRecord>();
    await using _ = await at.transport.read({ topic, partition: 0, onRecord: seen.push });
    await at.produce({ topic, key: null, value: null, headers: {} });
    const { key, value, headers } = await seen.at(0);
    assertEquals([key, value, headers.size], [null, null, 0]);
  });

  test("read() delivers an empty value as zero bytes, not as null", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const seen = new Arrivals<IncomingRecord>();
    await using _ = await at.transport.read({ topic, partition: 0, onRecord: seen.push });
    await at.produce(record(topic, ""));
    assertEquals((await seen.at(0)).value?.length, 0);
  });

  test("read() delivers what is produced once it has resolved, and nothing before", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    await at.produce(record(topic, "before"));
    const seen = new Arrivals<IncomingRecord>();
    await using _ = await at.transport.read({ topic, partition: 0, onRecord: seen.push });
    await at.produce(record(topic, "after"));
    assertEquals(valueOf(await seen.at(0)), "after");
  });

  test("recentRecords() counts what partitions got since a time, in the order asked for", async () => {
    await using at = await bench(cluster, 3);
    const { topic, transport } = at;
    for (const partition of [0, 2, 2]) await at.produce(record(topic, "x", partition));
    const asked = { topic, partitions: [2, 1, 0], timeoutMs: 10_000 };
    const sinceMs = Date.now() - 60_000;
    assertEquals(await transport.recentRecords?.({ ...asked, sinceMs }), [2, 0, 1]);
  });

  test("recentRecords() leaves out what is older", async () => {
    await using at = await bench(cluster);
    const { topic, transport } = at;
    await at.produce(record(topic, "x"));
    const asked = { topic, partitions: [0], timeoutMs: 10_000 };
    const sinceMs = Date.now() + 60_000;
    assertEquals(await transport.recentRecords?.({ ...asked, sinceMs }), [0]);
  });

  test("read() delivers from an offset on, past records first", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    for (const value of ["0", "1", "2"]) await at.produce(record(topic, value));
    const seen = new Arrivals<IncomingRecord>();
    const options = { topic, partition: 0, from: 1n, onRecord: seen.push };
    await using reading = await at.transport.read(options);
    await seen.first(2);
    await at.produce(record(topic, "3"));
    const values = (await seen.first(3)).map(valueOf);
    assertEquals([values, reading.startOffset, reading.endOffset], [["1", "2", "3"], 1n, 3n]);
  });

  test("read() from an offset that is yet to come begins at the end", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    await at.produce(record(topic, "0"));
    const options = { topic, partition: 0, from: 7n, onRecord: () => {} };
    await using reading = await at.transport.read(options);
    assertEquals([reading.startOffset, reading.endOffset], [1n, 1n]);
  });

  test("read() says below which offset nothing is left to deliver", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    for (const value of ["0", "1"]) await at.produce(record(topic, value));
    const passed = new Arrivals<bigint>();
    const options = { topic, partition: 0, from: 0n, onRecord: () => {}, onPassed: passed.push };
    await using _ = await at.transport.read(options);
    const offsets = await passed.until((all) => all.at(-1) === 2n, "the offset 2");
    assertEquals(offsets.at(-1), 2n);
  });

  test("produce() gives each record its place, where it is asked for", async () => {
    await using at = await bench(cluster, 2);
    const { topic } = at;
    const places: { partition: number; offset: bigint }[] = [];
    const onPlaced = (place: { partition: number; offset: bigint }) => void places.push(place);
    await at.produce(record(topic, "0", 1));
    await Promise.all([
      at.produce(record(topic, "1", 1)),
      at.produce({ ...record(topic, "2", 1), onPlaced }),
      at.produce({ ...record(topic, "0", 0), onPlaced }),
    ]);
    assertEquals(places.toSorted((a, b) => a.partition - b.partition), [
      { partition: 0, offset: 0n },
      { partition: 1, offset: 2n },
    ]);
  });

  test("committed() gives what a group has to consume next", async () => {
    await using at = await bench(cluster);
    const { topic, transport } = at;
    const group = `g-${crypto.randomUUID()}`;
    const seen = new Arrivals<IncomingRecord>();
    await at.produce(record(topic, "0"));
    const before = await transport.committed?.(group, { topic, partition: 0 });
    const member = await transport.consume({
      topic,
      group,
      ready: () => undefined,
      onRecord: seen.push,
      onAssigned: () => {},
      timeoutMs: 20_000,
    });
    await seen.first(1);
    await member.commit(new Map([[0, 1n]]));
    const after = await transport.committed?.(group, { topic, partition: 0 });
    await member.close();
    assertEquals([before, after], [0n, 1n]);
  });

  test("two transports of one cluster have the same id of it", async () => {
    await using at = await bench(cluster);
    const { clusterId } = await at.another();
    assertEquals([typeof clusterId, clusterId === at.transport.clusterId], ["string", true]);
  });

  test("read() knows its start offset", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    await at.produce(record(topic, "0"));
    await at.produce(record(topic, "1"));
    await using reading = await at.transport.read({ topic, partition: 0, onRecord: () => {} });
    assertEquals(reading.startOffset, 2n);
  });

  test("read() delivers 300 records in order, each once", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const seen = new Arrivals<IncomingRecord>();
    await using _ = await at.transport.read({ topic, partition: 0, onRecord: seen.push });
    const offsets = Array.from({ length: 300 }, (_, i) => BigInt(i));
    await Promise.all(offsets.map((i) => at.produce(record(topic, `${i}`))));
    await seen.first(300);
    assertEquals(seen.items.map(({ offset }) => offset), offsets);
  });

  test("read() delivers one partition, not the others", async () => {
    await using at = await bench(cluster, 3);
    const { topic } = at;
    const seen = new Arrivals<IncomingRecord>();
    await using _ = await at.transport.read({ topic, partition: 1, onRecord: seen.push });
    for (const partition of [0, 2, 1]) {
      await at.produce(record(topic, `${partition}`, partition));
    }
    assertEquals((await seen.first(1)).map(valueOf), ["1"]);
  });

  test("two reads of one partition both get every record", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const [one, two] = [new Arrivals<IncomingRecord>(), new Arrivals<IncomingRecord>()];
    await using _1 = await at.transport.read({ topic, partition: 0, onRecord: one.push });
    await using _2 = await at.transport.read({ topic, partition: 0, onRecord: two.push });
    await at.produce(record(topic, "x"));
    assertEquals([valueOf(await one.at(0)), valueOf(await two.at(0))], ["x", "x"]);
  });

  test("a read that is closed delivers nothing any more", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const [closed, open] = [new Arrivals<IncomingRecord>(), new Arrivals<IncomingRecord>()];
    const reading = await at.transport.read({ topic, partition: 0, onRecord: closed.push });
    await using _ = await at.transport.read({ topic, partition: 0, onRecord: open.push });
    await reading.close();
    await at.produce(record(topic, "x"));
    await open.at(0);
    assertEquals(closed.items, []);
  });

  test("a read may be closed again", async () => {
    await using at = await bench(cluster);
    const reading = await at.transport.read({
      topic: at.topic,
      partition: 0,
      onRecord: () => {},
    });
    await reading.close();
    assertEquals(await reading.close(), undefined);
  });

  test("read() of a partition that is not there rejects", async () => {
    await using at = await bench(cluster, 2);
    const options = { topic: at.topic, partition: 2, timeoutMs: 500, onRecord: () => {} };
    await assertRejects(() => at.transport.read(options), RpcError, `${at.topic}[2]`);
  });

  test("read() of a topic that is not there rejects", async () => {
    await using at = await bench(cluster);
    const topic = `absent-${crypto.randomUUID()}`;
    const options = { topic, partition: 0, timeoutMs: 500, onRecord: () => {} };
    await assertRejects(() => at.transport.read(options), RpcError, topic);
  });
}
