/**
 * Members that are silent, and groups as others see them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Declare, PortBench } from "./port_conformance.ts";
import { CODES, join, newGroup, stable, state } from "./port_conformance_groups.ts";

async function described(bench: PortBench, group: string) {
  const { error, state, members } = (await bench.send("DescribeGroups", { groups: [group] }))
    .groups[0]!;
  return { error, state, members };
}

/** Declares the tests. */
export function conformanceOfSessions(declare: Declare): void {
  declare("a member that is silent for its session is none any more", async (bench) => {
    const group = await newGroup(bench);
    const member = await stable(bench, group);
    await state(bench, group, "Empty");
    assertEquals((await bench.send("Heartbeat", member)).error, CODES.unknownMember);
  });

  declare("a rebalance goes on without a member that is silent", async (bench) => {
    const group = await newGroup(bench);
    const silent = await stable(bench, group);
    const { answer, memberId } = await join(bench, group);
    const { generation, leader, members } = await answer;
    assertEquals([generation, leader], [silent.generation + 1, memberId]);
    assertEquals(members.map(({ memberId }) => memberId), [memberId]);
  });

  declare("DescribeGroups says of a group that there is none, or what it does", async (bench) => {
    const group = await newGroup(bench);
    assertEquals(await described(bench, group), { error: 0, state: "Dead", members: 0 });
    const member = await stable(bench, group);
    assertEquals(await described(bench, group), { error: 0, state: "Stable", members: 1 });
    await bench.send("LeaveGroup", member);
    assertEquals(await described(bench, group), { error: 0, state: "Empty", members: 0 });
  });

  declare(
    "ConsumerGroupDescribe knows no group that there is not, and none of members that join",
    async (bench) => {
      const group = await newGroup(bench);
      await stable(bench, group);
      const missing = `missing-${crypto.randomUUID()}`;
      const answer = await bench.send("ConsumerGroupDescribe", { groups: [group, missing] });
      // Before 4.0 a broker has these groups switched off, unless it is set up otherwise.
      const isOff = answer.groups[0]?.error === CODES.unsupportedVersion;
      const expected = isOff ? CODES.unsupportedVersion : CODES.groupIdNotFound;
      assertEquals(answer.groups.map(({ group, error }) => [group, error]), [
        [group, expected],
        [missing, expected],
      ]);
    },
  );
}
