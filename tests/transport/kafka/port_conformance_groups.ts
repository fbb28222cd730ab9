/**
 * Groups: how members come, agree on assignments, and go.
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import type { Answers, GroupGeneration, Requests } from "../../../src/transport/kafka/port.ts";
import type { Declare, PortBench } from "./port_conformance.ts";

/** Codes that a member meets. */
export const CODES = {
  illegalGeneration: 22,
  inconsistentProtocol: 23,
  unknownMember: 25,
  invalidSessionTimeout: 26,
  rebalanceInProgress: 27,
  groupIdNotFound: 69,
  unsupportedVersion: 35,
  memberIdRequired: 79,
} as const;

/** The shortest session that Kafka allows where nothing else is set. */
export const SESSION_MS = 6_000;

/** A member as it joins. */
export function joining(group: string, memberId: string): Requests["JoinGroup"] {
  return {
    group,
    memberId,
    sessionTimeoutMs: SESSION_MS,
    rebalanceTimeoutMs: SESSION_MS,
    protocols: [{ name: "roundrobin", metadata: Uint8Array.of(1, 2, 3) }],
  };
}

/** A group of this test alone, whose coordinator is there. */
export async function newGroup(bench: PortBench): Promise<string> {
  const group = `group-${crypto.randomUUID()}`;
  await bench.until(() => bench.send("FindCoordinator", { group }), ({ error }) => error === 0);
  const describe = () => bench.send("DescribeGroups", { groups: [group] });
  await bench.until(describe, ({ groups }) => groups[0]!.error === 0);
  return group;
}

/** Id of a member that may join. */
export async function memberId(bench: PortBench, group: string): Promise<string> {
  return (await bench.send("JoinGroup", joining(group, ""))).memberId;
}

/** A member that joins over a connection of its own: a join parks. */
export interface Joining {
  readonly memberId: string;
  readonly answer: Promise<Answers["JoinGroup"]>;
}

/** Lets a member join. */
export async function join(bench: PortBench, group: string, id?: string): Promise<Joining> {
  const member = id ?? await memberId(bench, group);
  const connection = await bench.connect();
  return { memberId: member, answer: connection.send("JoinGroup", joining(group, member)) };
}

/** One member, alone in its group, which has not synced. */
export async function joined(bench: PortBench, group: string): Promise<GroupGeneration> {
  const { memberId, answer } = await join(bench, group);
  return { group, memberId, generation: (await answer).generation };
}

/** One member, alone in its group, which is stable. */
export async function stable(bench: PortBench, group: string): Promise<GroupGeneration> {
  const member = await joined(bench, group);
  const { memberId } = member;
  const assignments = [{ memberId, assignment: Uint8Array.of(1) }];
  await bench.send("SyncGroup", { ...member, assignments });
  return member;
}

/** The state of a group, once it is this one. */
export async function state(bench: PortBench, group: string, expected: string): Promise<string> {
  const describe = async () => (await bench.send("DescribeGroups", { groups: [group] })).groups[0]!;
  return (await bench.until(describe, ({ state }) => state === expected)).state;
}

async function heartbeat(bench: PortBench, member: GroupGeneration): Promise<number> {
  return (await bench.send("Heartbeat", member)).error;
}

/** A leader, and a member that follows it, both joined in one generation and not synced. */
async function two(bench: PortBench, group: string): Promise<[GroupGeneration, GroupGeneration]> {
  const first = await stable(bench, group);
  const second = await join(bench, group);
  await state(bench, group, "PreparingRebalance");
  const again = await join(bench, group, first.memberId);
  const { generation } = await again.answer;
  await second.answer;
  return [{ ...first, generation }, { group, memberId: second.memberId, generation }];
}

/** Declares the tests. */
export function conformanceOfGroups(declare: Declare): void {
  declare("FindCoordinator names a broker that has the group", async (bench) => {
    const group = await newGroup(bench);
    const { nodeId, host, port } = await bench.send("FindCoordinator", { group });
    const coordinator = await bench.connect({ host, port });
    const { groups } = await coordinator.send("DescribeGroups", { groups: [group] });
    assertEquals([nodeId >= 0, groups[0]!.error], [true, 0]);
  });

  declare("JoinGroup without an id gives one, which joins", async (bench) => {
    const group = await newGroup(bench);
    const first = await bench.send("JoinGroup", joining(group, ""));
    assertEquals(first.error, CODES.memberIdRequired);
    assertNotEquals(first.memberId, "");
    const second = await bench.send("JoinGroup", joining(group, first.memberId));
    assertEquals([second.error, second.memberId, second.leader, second.generation], [
      ...[0, first.memberId, first.memberId, 1],
    ]);
  });

  declare("JoinGroup gives the leader what the members have sent", async (bench) => {
    const group = await newGroup(bench);
    const { answer } = await join(bench, group);
    const { protocol, members, memberId } = await answer;
    assertEquals([protocol, members.map(({ memberId, metadata }) => [memberId, [...metadata]])], [
      "roundrobin",
      [[memberId, [1, 2, 3]]],
    ]);
  });

  declare("JoinGroup refuses an id that it has not given", async (bench) => {
    const group = await newGroup(bench);
    const { error } = await bench.send("JoinGroup", joining(group, "nobody"));
    assertEquals(error, CODES.unknownMember);
  });

  declare("JoinGroup refuses a session that is too short", async (bench) => {
    const group = await newGroup(bench);
    const request = { ...joining(group, ""), sessionTimeoutMs: 1 };
    assertEquals((await bench.send("JoinGroup", request)).error, CODES.invalidSessionTimeout);
  });

  declare("JoinGroup refuses a member that has no protocol of the others", async (bench) => {
    const group = await newGroup(bench);
    await stable(bench, group);
    const protocols = [{ name: "another", metadata: new Uint8Array() }];
    const request = { ...joining(group, ""), protocols };
    assertEquals((await bench.send("JoinGroup", request)).error, CODES.inconsistentProtocol);
  });

  declare(
    "a second member waits until the first has joined again; only one leads",
    async (bench) => {
      const group = await newGroup(bench);
      const first = await stable(bench, group);
      const second = await join(bench, group);
      await state(bench, group, "PreparingRebalance");
      const again = await (await join(bench, group, first.memberId)).answer;
      const other = await second.answer;
      assertEquals([again.generation, other.generation], [2, 2]);
      assertEquals(again.leader, other.leader);
      const seen = [again, other].map(({ members }) => members.length).toSorted();
      assertEquals(seen, [0, 2]);
    },
  );

  declare("SyncGroup gives each member what the leader has assigned to it", async (bench) => {
    const group = await newGroup(bench);
    const [leader, follower] = await two(bench, group);
    const connection = await bench.connect();
    const waiting = connection.send("SyncGroup", { ...follower, assignments: [] });
    const assignments = [leader, follower].map(({ memberId }, index) => {
      return { memberId, assignment: Uint8Array.of(index + 7) };
    });
    const own = await bench.send("SyncGroup", { ...leader, assignments });
    assertEquals([[...own.assignment], [...(await waiting).assignment]], [[7], [8]]);
  });

  declare("SyncGroup gives nothing to a member that the leader has left out", async (bench) => {
    const group = await newGroup(bench);
    const member = await joined(bench, group);
    const { error, assignment } = await bench.send("SyncGroup", { ...member, assignments: [] });
    assertEquals([error, assignment.length], [0, 0]);
  });

  declare("SyncGroup refuses other generations and members", async (bench) => {
    const group = await newGroup(bench);
    const member = await joined(bench, group);
    const old = { ...member, generation: member.generation - 1, assignments: [] };
    const unknown = { ...member, memberId: "nobody", assignments: [] };
    assertEquals((await bench.send("SyncGroup", old)).error, CODES.illegalGeneration);
    assertEquals((await bench.send("SyncGroup", unknown)).error, CODES.unknownMember);
  });

  declare(
    "Heartbeat of a stable group is 0; of others generations and members it is not",
    async (bench) => {
      const group = await newGroup(bench);
      const member = await stable(bench, group);
      const old = { ...member, generation: member.generation - 1 };
      assertEquals([
        await heartbeat(bench, member),
        await heartbeat(bench, old),
        await heartbeat(bench, { ...member, memberId: "nobody" }),
      ], [0, CODES.illegalGeneration, CODES.unknownMember]);
    },
  );

  declare(
    "Heartbeat says when a rebalance is being prepared, and not when it completes",
    async (bench) => {
      const group = await newGroup(bench);
      const first = await stable(bench, group);
      const second = await join(bench, group);
      await state(bench, group, "PreparingRebalance");
      assertEquals(await heartbeat(bench, first), CODES.rebalanceInProgress);
      const { generation } = await (await join(bench, group, first.memberId)).answer;
      await second.answer;
      await state(bench, group, "CompletingRebalance");
      assertEquals(await heartbeat(bench, { ...first, generation }), 0);
    },
  );

  declare("LeaveGroup ends a membership at once, and only once", async (bench) => {
    const group = await newGroup(bench);
    const member = await stable(bench, group);
    assertEquals((await bench.send("LeaveGroup", member)).error, 0);
    assertEquals((await bench.send("LeaveGroup", member)).error, CODES.unknownMember);
    assertEquals(await heartbeat(bench, member), CODES.unknownMember);
    assertEquals(await state(bench, group, "Empty"), "Empty");
  });

  declare("LeaveGroup of one member is a rebalance for the others", async (bench) => {
    const group = await newGroup(bench);
    const [leader, follower] = await two(bench, group);
    await bench.send("SyncGroup", { ...leader, assignments: [] });
    await bench.send("LeaveGroup", follower);
    assertEquals(await heartbeat(bench, leader), CODES.rebalanceInProgress);
    const { members } = await (await join(bench, group, leader.memberId)).answer;
    assertEquals(members.map(({ memberId }) => memberId), [leader.memberId]);
  });
}
