/**
 * What a look at the end of a topic, and at a group, tells, whatever carries it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Transport } from "../../src/transport/transport.ts";
import { bench, type ClusterUnderTest, record, valueOf } from "./conformance.ts";

const everything = { sinceMs: 0, maxRecords: 1_000, timeoutMs: 10_000 };

/**
 * Declares the tests.
 *
 * @param cluster What is tested.
 * @param test Declares one.
 */
export function conformanceOfTails(
  cluster: ClusterUnderTest,
  test: (name: string, run: () => Promise<void>) => void,
): void {
  test("readTail() reads what every partition holds, and resolves", async () => {
    await using at = await bench(cluster, 3);
    const { topic } = at;
    for (const i of [0, 1, 2]) await at.produce(record(topic, `${i}`, i));
    const seen: (string | null)[] = [];
    await at.transport.readTail({
      topic,
      ...everything,
      positions: new Map(),
      onRecord: (one) => seen.push(valueOf(one)),
    });
    assertEquals(seen.toSorted(), ["0", "1", "2"]);
  });

  test("readTail() reads partitions that one answer has no room for", async () => {
    await using at = await bench(cluster, 32);
    const { topic } = at;
    const partitions = Array.from({ length: 32 }, (_, partition) => partition);
    for (const i of partitions) await at.produce(record(topic, `${i} ${"x".repeat(60_000)}`, i));
    const seen = new Set<number>();
    await at.transport.readTail({
      topic,
      ...everything,
      positions: new Map(),
      onRecord: ({ partition }) => seen.add(partition),
    });
    assertEquals(seen, new Set(partitions));
  });

  test("readTail() of an empty topic resolves", async () => {
    await using at = await bench(cluster);
    let seen = 0;
    const onRecord = () => void seen++;
    await at.transport.readTail({ topic: at.topic, ...everything, positions: new Map(), onRecord });
    assertEquals(seen, 0);
  });

  test("readTail() goes on where its positions are", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const positions = new Map<number, bigint>();
    const seen: (string | null)[] = [];
    const options = {
      topic,
      ...everything,
      positions,
      onRecord: (one: Parameters<typeof valueOf>[0]) => void seen.push(valueOf(one)),
    };
    await at.produce(record(topic, "first"));
    await at.transport.readTail(options);
    await at.produce(record(topic, "second"));
    await at.transport.readTail(options);
    assertEquals(seen, ["first", "second"]);
  });

  test("readTail() leaves out what is older than it is asked for", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    await at.produce(record(topic, "old"));
    let seen = 0;
    const onRecord = () => void seen++;
    const sinceMs = Date.now() + 3_600_000;
    await at.transport.readTail({ topic, ...everything, sinceMs, positions: new Map(), onRecord });
    assertEquals(seen, 0);
  });

  test("readTail() reads no more than it is asked for, the latest ones", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    for (const value of ["0", "1", "2", "3"]) await at.produce(record(topic, value));
    const seen: (string | null)[] = [];
    await at.transport.readTail({
      topic,
      ...everything,
      maxRecords: 2,
      positions: new Map(),
      onRecord: (one) => void seen.push(valueOf(one)),
    });
    assertEquals(seen, ["2", "3"]);
  });

  test("groupMembers() has the names of the members, and a place for one without", async () => {
    await using at = await bench(cluster, 2);
    const { topic, transport } = at;
    const group = `g-${crypto.randomUUID()}`;
    const join = (by: Transport, name?: string) =>
      by.consume({
        topic,
        group,
        name,
        ready: () => undefined,
        onRecord: () => {},
        onAssigned: () => {},
        timeoutMs: 20_000,
      });
    const before = await transport.groupMembers?.(group);
    const first = await join(transport, "server-1");
    const second = await join(await at.another());
    const meanwhile = await transport.groupMembers?.(group);
    await Promise.all([first.close(), second.close()]);
    assertEquals([before, meanwhile?.toSorted()], [[], ["server-1", undefined]]);
  });

  test("a group is live while it has a member", async () => {
    await using at = await bench(cluster);
    const group = `g-${crypto.randomUUID()}`;
    const before = await at.transport.groupIsLive(group, at.topic);
    const member = await at.transport.consume({
      topic: at.topic,
      group,
      ready: () => undefined,
      onRecord: () => {},
      onAssigned: () => {},
      timeoutMs: 20_000,
    });
    const meanwhile = await at.transport.groupIsLive(group, at.topic);
    await member.close();
    assertEquals([before, meanwhile, await at.transport.groupIsLive(group, at.topic)], [
      false,
      true,
      false,
    ]);
  });
}
