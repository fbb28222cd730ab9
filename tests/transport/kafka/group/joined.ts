/**
 * Members of a group over simulated brokers.
 *
 * @module
 */
import { GroupMember } from "../../../../src/transport/kafka/group/member.ts";
import type { ConsumeOptions } from "../../../../src/transport/transport.ts";
import type { IncomingRecord } from "../../../../src/wire/record.ts";
import type { World } from "../../../simulator/world.ts";

/** The topic that the group shares. */
export const TOPIC = "commands";
const never = new AbortController().signal;

/** A member, and what it was given. */
export interface Joined {
  readonly member: GroupMember;
  readonly partitions: () => readonly number[] | undefined;
  readonly values: string[];
  readonly lost: () => number;
}

/** Creates the topic. */
export async function create(world: World, partitions: number): Promise<void> {
  await world.cluster.handle(0, "CreateTopics", {
    timeoutMs: 0,
    topics: [{ topic: TOPIC, partitions, replicationFactor: 1 }],
  }, never);
}

/** Produces a record. */
export async function produce(world: World, value: string, partition = 0): Promise<void> {
  const record = { topic: TOPIC, key: null, value: new TextEncoder().encode(value), headers: {} };
  const leader = world.cluster.topics.leaderOf(TOPIC, partition);
  const partitions = [{ topic: TOPIC, partition, records: [record], timestamp: 1 }];
  await world.cluster.handle(leader, "Produce", { timeoutMs: 0, partitions }, never);
}

/** Joins the group. */
export async function join(
  world: World,
  options: Partial<ConsumeOptions> = {},
  cluster = world.program(),
): Promise<Joined> {
  const values: string[] = [];
  let assigned: readonly number[] | undefined;
  let lost = 0;
  const member = await world.run(
    GroupMember.join({ cluster, logger: world.logger }, {
      topic: TOPIC,
      group: "servers",
      timeoutMs: 30_000,
      ready: () => undefined,
      onRecord: ({ value }: IncomingRecord) => values.push(new TextDecoder().decode(value!)),
      onAssigned: (partitions) => assigned = partitions,
      onLost: () => lost++,
      ...options,
    }),
  );
  return { member, partitions: () => assigned, values, lost: () => lost };
}
