/**
 * What a consumer group does, whatever carries it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { ConsumeOptions, Consumption, Transport } from "../../src/transport/transport.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";
import { bench, type ClusterUnderTest, record, valueOf } from "./conformance.ts";

/** A member of a group, with all that it was told. */
interface Member {
  readonly consumption: Consumption;
  readonly records: Arrivals<IncomingRecord>;
  readonly assignments: Arrivals<readonly number[]>;
}

async function join(
  transport: Transport,
  options: { topic: string; group: string } & Partial<ConsumeOptions>,
): Promise<Member> {
  const records = new Arrivals<IncomingRecord>();
  const assignments = new Arrivals<readonly number[]>();
  const consumption = await transport.consume({
    ready: () => undefined,
    onRecord: records.push,
    onAssigned: assignments.push,
    timeoutMs: 20_000,
    ...options,
  });
  return { consumption, records, assignments };
}

const newGroup = () => `g-${crypto.randomUUID()}`;

/**
 * Declares the tests.
 *
 * @param cluster What is tested.
 * @param test Declares one.
 */
export function conformanceOfGroups(
  cluster: ClusterUnderTest,
  test: (name: string, run: () => Promise<void>) => void,
): void {
  test("a new group begins at the earliest record", async () => {
    await using at = await bench(cluster);
    await at.produce(record(at.topic, "before"));
    const { records } = await join(at.transport, { topic: at.topic, group: newGroup() });
    assertEquals(valueOf(await records.at(0)), "before");
  });

  test("a member hears of its partitions before their records", async () => {
    await using at = await bench(cluster, 2);
    await at.produce(record(at.topic, "x"));
    const told = new Arrivals<string>();
    await join(at.transport, {
      topic: at.topic,
      group: newGroup(),
      onAssigned: (partitions) => told.push(`assigned ${partitions.toSorted()}`),
      onRecord: () => told.push("record"),
    });
    assertEquals(await told.first(2), ["assigned 0,1", "record"]);
  });

  test("a group gets every record of every partition", async () => {
    await using at = await bench(cluster, 3);
    const { records } = await join(at.transport, { topic: at.topic, group: newGroup() });
    for (let i = 0; i < 30; i++) {
      await at.produce(record(at.topic, `${i}`, i % 3));
    }
    const values = (await records.first(30)).map((one) => Number(valueOf(one)));
    assertEquals(values.toSorted((a, b) => a - b), Array.from({ length: 30 }, (_, i) => i));
  });

  test("ready() holds records back until it resolves", async () => {
    await using at = await bench(cluster);
    for (const value of ["0", "1"]) await at.produce(record(at.topic, value));
    const asked = new Arrivals<void>();
    const gate = Promise.withResolvers<void>();
    let open = false;
    const { records } = await join(at.transport, {
      topic: at.topic,
      group: newGroup(),
      ready: () => {
        asked.push();
        return open || asked.items.length < 2 ? undefined : gate.promise;
      },
    });
    await asked.first(2);
    const held = records.items.length;
    open = true;
    gate.resolve();
    await records.first(2);
    assertEquals(held, 1);
  });

  test("the next member goes on at the committed offset", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const group = newGroup();
    for (const value of ["0", "1", "2"]) await at.produce(record(topic, value));
    const first = await join(at.transport, { topic, group });
    await first.records.first(3);
    await first.consumption.commit(new Map([[0, 2n]]));
    await first.consumption.close();
    const next = await join(at.transport, { topic, group });
    assertEquals(valueOf(await next.records.at(0)), "2");
  });

  test("what was not committed comes again", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const group = newGroup();
    await at.produce(record(topic, "0"));
    const first = await join(at.transport, { topic, group });
    await first.records.at(0);
    await first.consumption.close();
    const next = await join(at.transport, { topic, group });
    assertEquals(valueOf(await next.records.at(0)), "0");
  });

  test("two groups both get every record", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const [one, two] = await Promise.all([
      join(at.transport, { topic, group: newGroup() }),
      join(at.transport, { topic, group: newGroup() }),
    ]);
    await at.produce(record(topic, "x"));
    assertEquals(
      [valueOf(await one.records.at(0)), valueOf(await two.records.at(0))],
      ["x", "x"],
    );
  });

  test("two members share the partitions", async () => {
    await using at = await bench(cluster, 4);
    const { topic } = at;
    const group = newGroup();
    const one = await join(at.transport, { topic, group });
    const two = await join(await at.another(), { topic, group });
    const half = (all: readonly (readonly number[])[]) => all.at(-1)?.length === 2;
    const mine = (await one.assignments.until(half, "half of the partitions")).at(-1)!;
    const yours = (await two.assignments.until(half, "half of the partitions")).at(-1)!;
    assertEquals([...mine, ...yours].toSorted(), [0, 1, 2, 3]);
  });

  test("a rebalance waits for a member that gives its partitions up", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const group = newGroup();
    const told = new Arrivals<string>();
    await join(at.transport, {
      topic,
      group,
      onRevoking: async () => {
        told.push("gives up");
        await at.produce(record(topic, "0"));
        told.push("has given up");
      },
    });
    await join(await at.another(), { topic, group, onAssigned: () => told.push("assigned") });
    assertEquals(await told.first(3), ["gives up", "has given up", "assigned"]);
  });

  test("the partitions of a member that leaves go to the other", async () => {
    await using at = await bench(cluster, 2);
    const { topic } = at;
    const group = newGroup();
    const one = await join(at.transport, { topic, group });
    const two = await join(await at.another(), { topic, group });
    await one.assignments.until((all) => all.at(-1)?.length === 1, "one partition");
    await two.consumption.close();
    const all = await one.assignments.until((all) => all.length > 2, "one more assignment");
    assertEquals(all.at(-1)!.toSorted(), [0, 1]);
  });

  test("a member that is paused takes no records, and may still commit", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    const paused = await join(at.transport, { topic, group: newGroup() });
    const other = await join(at.transport, { topic, group: newGroup() });
    await at.produce(record(topic, "0"));
    await paused.records.at(0);
    paused.consumption.pause();
    await at.produce(record(topic, "1"));
    await other.records.first(2);
    await paused.consumption.commit(new Map([[0, 1n]]));
    assertEquals(paused.records.items.length, 1);
  });

  test("finished resolves once a member is closed", async () => {
    await using at = await bench(cluster);
    const { consumption } = await join(at.transport, { topic: at.topic, group: newGroup() });
    await consumption.close();
    assertEquals(await consumption.finished, undefined);
  });

  test("a member may be closed again", async () => {
    await using at = await bench(cluster);
    const { consumption } = await join(at.transport, { topic: at.topic, group: newGroup() });
    await consumption.close();
    assertEquals(await consumption.close(), undefined);
  });

  const { transact } = cluster;
  if (transact === undefined) return;

  for (const [before, end] of [[0, "commit"], [0, "abort"], [2, "commit"], [2, "abort"]] as const) {
    test(`a member passes the end of a transaction: ${end}, after ${before} records`, async () => {
      await using at = await bench(cluster);
      const { topic } = at;
      for (let i = 0; i < before; i++) await at.transport.produce(record(topic, `${i}`));
      const passed = new Arrivals<bigint>();
      await join(at.transport, {
        topic,
        group: newGroup(),
        onPassed: (_, next) => passed.push(next),
      });
      await transact(topic, ["in it"], end);
      // The record, and the marker of the end.
      const last = BigInt(before) + 2n;
      await passed.until((all) => all.at(-1) === last, `the end at ${last}`);
    });
  }

  test("a member that is held back does not pass what it has not taken", async () => {
    await using at = await bench(cluster);
    const { topic } = at;
    await transact(topic, ["0", "1"], "commit");
    const passed = new Arrivals<bigint>();
    const asked = new Arrivals<void>();
    const gate = Promise.withResolvers<void>();
    let open = false;
    const { records } = await join(at.transport, {
      topic,
      group: newGroup(),
      ready: () => {
        asked.push();
        return open || asked.items.length < 2 ? undefined : gate.promise;
      },
      onPassed: (_, next) => passed.push(next),
    });
    await asked.first(2);
    const early = passed.items.filter((next) => next > BigInt(records.items.length));
    open = true;
    gate.resolve();
    await passed.until((all) => all.at(-1) === 3n, "the end");
    assertEquals(early, []);
  });
}
