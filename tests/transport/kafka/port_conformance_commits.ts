/**
 * Offsets that are committed, in each state of a group.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { GroupGeneration } from "../../../src/transport/kafka/port.ts";
import type { Declare, PortBench } from "./port_conformance.ts";
import { CODES, join, joined, newGroup, stable, state } from "./port_conformance_groups.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;

async function commit(
  bench: PortBench,
  topic: string,
  member: GroupGeneration,
  offset = 1n,
): Promise<number> {
  const partitions = [{ topic, partition: 0, offset }];
  return (await bench.send("OffsetCommit", { ...member, partitions })).partitions[0]!.error;
}

async function committed(bench: PortBench, topic: string, group: string): Promise<bigint> {
  const partitions = [{ topic, partition: 0 }];
  const answer = await bench.send("OffsetFetch", { group, partitions });
  assertEquals([answer.error, answer.partitions[0]!.error], [0, 0]);
  return answer.partitions[0]!.offset;
}

/** Declares the tests. */
export function conformanceOfCommits(declare: Declare): void {
  declare("a commit of a stable group's member is what is fetched then", async (bench) => {
    const topic = await bench.topic();
    const group = await newGroup(bench);
    const member = await stable(bench, group);
    assertEquals(await committed(bench, topic, group), -1n);
    assertEquals(await commit(bench, topic, member, 5n), 0);
    assertEquals(await committed(bench, topic, group), 5n);
  });

  declare(
    "commits of other generations and members are refused, and change nothing",
    async (bench) => {
      const topic = await bench.topic();
      const group = await newGroup(bench);
      const member = await stable(bench, group);
      await commit(bench, topic, member, 5n);
      const others = [
        { ...member, generation: member.generation - 1 },
        { ...member, generation: member.generation + 1 },
        { ...member, memberId: "nobody" },
        { ...member, memberId: "", generation: -1 },
      ];
      const errors = [];
      for (const other of others) errors.push(await commit(bench, topic, other, 9n));
      assertEquals(errors, [
        ...[CODES.illegalGeneration, CODES.illegalGeneration],
        ...[CODES.unknownMember, CODES.unknownMember],
      ]);
      assertEquals(await committed(bench, topic, group), 5n);
    },
  );

  declare(
    "a commit of the generation that ends is accepted while the next one is prepared",
    async (bench) => {
      const topic = await bench.topic();
      const group = await newGroup(bench);
      const member = await stable(bench, group);
      const second = await join(bench, group);
      await state(bench, group, "PreparingRebalance");
      assertEquals(await commit(bench, topic, member, 7n), 0);
      assertEquals(await committed(bench, topic, group), 7n);
      await (await join(bench, group, member.memberId)).answer;
      await second.answer;
    },
  );

  declare("a commit is refused while the leader has not assigned", async (bench) => {
    const topic = await bench.topic();
    const group = await newGroup(bench);
    const member = await joined(bench, group);
    assertEquals(await state(bench, group, "CompletingRebalance"), "CompletingRebalance");
    assertEquals(await commit(bench, topic, member), CODES.rebalanceInProgress);
  });

  declare("a commit of the generation before is refused after the rebalance", async (bench) => {
    const topic = await bench.topic();
    const group = await newGroup(bench);
    const member = await stable(bench, group);
    const second = await join(bench, group);
    await state(bench, group, "PreparingRebalance");
    const { generation } = await (await join(bench, group, member.memberId)).answer;
    await second.answer;
    const now = { ...member, generation };
    await bench.send("SyncGroup", { ...now, assignments: [] });
    assertEquals(await commit(bench, topic, member), CODES.illegalGeneration);
    assertEquals(await commit(bench, topic, now), 0);
  });

  declare("a commit without a member is accepted by a group without members", async (bench) => {
    const topic = await bench.topic();
    const group = await newGroup(bench);
    const member = { group, memberId: "", generation: -1 };
    assertEquals(await commit(bench, topic, member, 3n), 0);
    assertEquals(await committed(bench, topic, group), 3n);
  });

  declare("a commit outlives the members of its group", async (bench) => {
    const topic = await bench.topic();
    const group = await newGroup(bench);
    const member = await stable(bench, group);
    await commit(bench, topic, member, 4n);
    await bench.send("LeaveGroup", member);
    assertEquals(await state(bench, group, "Empty"), "Empty");
    assertEquals(await committed(bench, topic, group), 4n);
  });

  declare("a commit to a topic that is missing fails for that alone", async (bench) => {
    const topic = await bench.topic();
    const group = await newGroup(bench);
    const member = await stable(bench, group);
    const partitions = [topic, "missing"].map((topic) => ({ topic, partition: 0, offset: 1n }));
    const answer = await bench.send("OffsetCommit", { ...member, partitions });
    const errors = new Map(answer.partitions.map(({ topic, error }) => [topic, error]));
    assertEquals([errors.get(topic), errors.get("missing")], [0, UNKNOWN_TOPIC_OR_PARTITION]);
  });
}
