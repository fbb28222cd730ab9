/**
 * The groups of a cluster, and which broker coordinates each.
 *
 * @module
 */
import type { Requests } from "../../src/transport/kafka/port.ts";
import { CODE, type Plain } from "./codes.ts";
import { Group, refusedJoin } from "./group.ts";

/** The first member of a group waits so long for others. */
const INITIAL_DELAY_MS = 300;

/** What {@linkcode Groups} needs of the cluster. */
export interface Around {
  /** Where a broker listens; undefined while it is down. */
  address(nodeId: number): { readonly host: string; readonly port: number } | undefined;
  /** One that is up, another than this one; this one where it is alone. */
  another(than: number): number;
  /** Whether there is such a partition. */
  has(topic: string, partition: number): boolean;
}

/** Groups by name. */
export class Groups {
  readonly #around: Around;
  readonly #groups = new Map<string, Group>();
  readonly #coordinators = new Map<string, number>();
  /** What everybody who wants to join is refused with; 0 for nothing. */
  joinError = 0;

  /**
   * Creates it, without a group.
   *
   * @param around What it needs.
   */
  constructor(around: Around) {
    this.#around = around;
  }

  /** What a group has committed; −1 for nothing. */
  committed(group: string, topic: string, partition: number): bigint {
    return this.#groups.get(group)?.committed(topic, partition) ?? -1n;
  }

  /** Moves all groups of a coordinator, or of all of them, to another broker. */
  move(from?: number): void {
    for (const [group, nodeId] of this.#coordinators) {
      if (from !== undefined && nodeId !== from) continue;
      this.#coordinators.set(group, this.#around.another(nodeId));
      this.#groups.get(group)?.move();
    }
  }

  find({ group }: Requests["FindCoordinator"]): Plain<"FindCoordinator"> {
    const nodeId = this.#coordinators.get(group) ?? this.#around.another(-1);
    this.#coordinators.set(group, nodeId);
    const address = this.#around.address(nodeId);
    return address === undefined
      ? { error: CODE.coordinatorNotAvailable, nodeId: -1, host: "", port: -1 }
      : { error: 0, nodeId, ...address };
  }

  #refusal(nodeId: number, group: string): number {
    return this.find({ group }).nodeId === nodeId ? 0 : CODE.notCoordinator;
  }

  #group(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, group = new Group(INITIAL_DELAY_MS));
    return group;
  }

  async join(nodeId: number, request: Requests["JoinGroup"]): Promise<Plain<"JoinGroup">> {
    const error = this.#refusal(nodeId, request.group) || this.joinError;
    if (error === 0) return await this.#group(request.group).join(request);
    return refusedJoin(error, request.memberId);
  }

  async sync(nodeId: number, request: Requests["SyncGroup"]): Promise<Plain<"SyncGroup">> {
    const error = this.#refusal(nodeId, request.group);
    if (error === 0) return await this.#group(request.group).sync(request);
    return { error, assignment: new Uint8Array(0) };
  }

  heartbeat(nodeId: number, request: Requests["Heartbeat"]): Plain<"Heartbeat"> {
    const { group } = request;
    return { error: this.#refusal(nodeId, group) || this.#group(group).heartbeat(request) };
  }

  leave(nodeId: number, { group, memberId }: Requests["LeaveGroup"]): Plain<"LeaveGroup"> {
    return { error: this.#refusal(nodeId, group) || this.#group(group).leave(memberId) };
  }

  commit(nodeId: number, request: Requests["OffsetCommit"]): Plain<"OffsetCommit"> {
    const { group } = request;
    const has = ({ topic, partition }: { topic: string; partition: number }) =>
      this.#around.has(topic, partition);
    const known = request.partitions.filter(has);
    const error = this.#refusal(nodeId, group) ||
      this.#group(group).commit({ ...request, partitions: known });
    return {
      partitions: request.partitions.map((one) => ({
        topic: one.topic,
        partition: one.partition,
        error: error || (has(one) ? 0 : CODE.unknownTopic),
      })),
    };
  }

  fetchOffsets(nodeId: number, request: Requests["OffsetFetch"]): Plain<"OffsetFetch"> {
    const { group } = request;
    const error = this.#refusal(nodeId, group);
    const partitions = request.partitions.map(({ topic, partition }) => {
      const offset = error === 0 ? this.committed(group, topic, partition) : -1n;
      return { topic, partition, error, offset };
    });
    return { error, partitions };
  }

  describe(nodeId: number, { groups }: Requests["DescribeGroups"]): Plain<"DescribeGroups"> {
    return {
      groups: groups.map((group) => {
        const error = this.#refusal(nodeId, group);
        const { state = "Dead", size = 0 } = error === 0 ? this.#groups.get(group) ?? {} : {};
        return { error, group, state: error === 0 ? state : "", members: size };
      }),
    };
  }

  /** Groups of KIP-848: there is none. */
  describeConsumers(
    nodeId: number,
    { groups }: Requests["ConsumerGroupDescribe"],
  ): Plain<"ConsumerGroupDescribe"> {
    return {
      groups: groups.map((group) => {
        const error = this.#refusal(nodeId, group) || CODE.groupIdNotFound;
        return { error, group, state: "Dead", members: 0 };
      }),
    };
  }
}
