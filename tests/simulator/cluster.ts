/**
 * Brokers that do what real ones do, as far as request/reply needs them.
 *
 * @module
 */
import { clock } from "../../src/async/clock.ts";
import {
  type Answers,
  type Api,
  EARLIEST,
  LATEST,
  type Requests,
} from "../../src/transport/kafka/port.ts";
import { Group } from "./group.ts";
import { PartitionLog } from "./log.ts";

/** @see https://kafka.apache.org/protocol#protocol_error_codes */
const CODE = {
  offsetOutOfRange: 1,
  unknownTopic: 3,
  notLeader: 6,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  topicExists: 36,
  invalidPartitions: 37,
  groupIdNotFound: 69,
} as const;

/** How long the cluster needs to see that a broker is gone. */
const FAILOVER_MS = 400;
/** The first member of a group waits so long for others. */
const INITIAL_DELAY_MS = 300;

interface Topic {
  readonly logs: PartitionLog[];
  /** Node id by partition. */
  readonly leaders: number[];
}

/** A broker. */
export interface Broker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  isUp: boolean;
}

type Handler<A extends Api> = (
  nodeId: number,
  request: Requests[A],
  gone: AbortSignal,
) => Promise<Omit<Answers[A], "throttleMs">> | Omit<Answers[A], "throttleMs">;

/** A cluster of brokers. */
export class SimulatedCluster {
  readonly brokers: readonly Broker[];
  readonly #topics = new Map<string, Topic>();
  readonly #groups = new Map<string, Group>();
  readonly #coordinators = new Map<string, number>();
  #turn = 0;
  #joinError = 0;

  /**
   * Creates a cluster without topics.
   *
   * @param count How many brokers.
   */
  constructor(count: number) {
    this.brokers = Array.from({ length: count }, (_, nodeId) => {
      return { nodeId, host: `broker-${nodeId}`, port: 9092, isUp: true };
    });
  }

  /** Whether a partition's leader is this broker; for faults and tests. */
  leaderOf(topic: string, partition: number): number {
    return this.#topics.get(topic)?.leaders[partition] ?? -1;
  }

  /** Moves the leadership of a partition to another broker that is up. */
  moveLeader(topic: string, partition: number): void {
    const leaders = this.#topics.get(topic)?.leaders;
    if (leaders !== undefined) leaders[partition] = this.#another(leaders[partition]!);
  }

  /** Moves the leadership of every partition. */
  moveLeaders(): void {
    for (const [topic, { leaders }] of this.#topics) {
      leaders.forEach((_, partition) => this.moveLeader(topic, partition));
    }
  }

  /** Records that a group has not committed. */
  lagOf(group: string, topic: string): bigint {
    const { logs = [] } = this.#topics.get(topic) ?? {};
    return logs.reduce((lag, { nextOffset }, partition) => {
      const committed = this.#group(group).committed(topic, partition);
      return lag + nextOffset - (committed < 0n ? 0n : committed);
    }, 0n);
  }

  /** Gives a topic one more partition. */
  addPartition(topic: string): void {
    const { logs, leaders } = this.#topics.get(topic)!;
    logs.push(new PartitionLog());
    leaders.push(this.#another(-1));
  }

  /** Refuses everybody who wants to join a group; 0 ends that. */
  refuseJoins(error: number): void {
    this.#joinError = error;
  }

  /** Moves all groups of a coordinator, or of all of them, to another broker. */
  moveCoordinators(from?: number): void {
    for (const [group, nodeId] of this.#coordinators) {
      if (from !== undefined && nodeId !== from) continue;
      this.#coordinators.set(group, this.#another(nodeId));
      this.#groups.get(group)?.move();
    }
  }

  /** Ends a broker; others take its partitions and groups over after a moment. */
  stop(nodeId: number): void {
    this.brokers[nodeId]!.isUp = false;
    clock.timer(FAILOVER_MS, () => {
      if (this.brokers[nodeId]!.isUp) return;
      for (const [topic, { leaders }] of this.#topics) {
        leaders.forEach((leader, partition) => {
          if (leader === nodeId) this.moveLeader(topic, partition);
        });
      }
      this.moveCoordinators(nodeId);
    });
  }

  /** Starts a broker again. */
  start(nodeId: number): void {
    this.brokers[nodeId]!.isUp = true;
  }

  #another(than: number): number {
    const up = this.brokers.filter(({ isUp, nodeId }) => isUp && nodeId !== than);
    return up[this.#turn++ % Math.max(up.length, 1)]?.nodeId ?? than;
  }

  /**
   * Handles a request, as the broker that it was sent to.
   *
   * @param nodeId That broker.
   * @param api Which request.
   * @param request The request.
   * @param gone Aborts when the connection is gone: nobody waits for the answer.
   * @returns Its answer, without a throttle.
   */
  async handle<A extends Api>(
    nodeId: number,
    api: A,
    request: Requests[A],
    gone: AbortSignal,
  ): Promise<Omit<Answers[A], "throttleMs">> {
    return await (this.#handlers[api] as Handler<A>)(nodeId, request, gone);
  }

  readonly #handlers: { readonly [A in Api]: Handler<A> } = {
    Metadata: (_nodeId, { topics }) => ({
      brokers: this.brokers.filter(({ isUp }) => isUp).map(({ nodeId, host, port }) => {
        return { nodeId, host, port };
      }),
      controllerId: this.brokers.find(({ isUp }) => isUp)?.nodeId ?? -1,
      topics: topics.map((topic) => this.#describe(topic)),
    }),
    ListOffsets: (nodeId, { partitions }) => ({
      partitions: partitions.map(({ topic, partition, timestamp }) => {
        const { error, log } = this.#led(nodeId, topic, partition);
        const offset = log === undefined
          ? -1n
          : timestamp === LATEST
          ? log.nextOffset
          : timestamp === EARLIEST
          ? log.startOffset
          : log.offsetAt(timestamp);
        return { topic, partition, error, offset };
      }),
    }),
    Produce: (nodeId, { partitions }) => ({
      partitions: partitions.map(({ topic, partition, records, timestamp }) => {
        const { error, log } = this.#led(nodeId, topic, partition);
        const baseOffset = log?.append(records, timestamp) ?? -1n;
        return { topic, partition, error, baseOffset };
      }),
    }),
    Fetch: (nodeId, request, gone) => this.#fetch(nodeId, request, gone),
    FindCoordinator: (_nodeId, { group }) => this.#find(group),
    JoinGroup: async (nodeId, request) => {
      const error = this.#coordinates(nodeId, request.group) || this.#joinError;
      if (error === 0) return await this.#group(request.group).join(request);
      const { memberId } = request;
      return { error, generation: -1, protocol: "", leader: "", memberId, members: [] };
    },
    SyncGroup: async (nodeId, request) => {
      const error = this.#coordinates(nodeId, request.group);
      if (error === 0) return await this.#group(request.group).sync(request);
      return { error, assignment: new Uint8Array(0) };
    },
    Heartbeat: (nodeId, request) => ({
      error: this.#coordinates(nodeId, request.group) ||
        this.#group(request.group).heartbeat(request),
    }),
    LeaveGroup: (nodeId, { group, memberId }) => ({
      error: this.#coordinates(nodeId, group) || this.#group(group).leave(memberId),
    }),
    OffsetCommit: (nodeId, request) => {
      const error = this.#coordinates(nodeId, request.group) ||
        this.#group(request.group).commit(request);
      const partitions = request.partitions.map(({ topic, partition }) => {
        return { topic, partition, error };
      });
      return { partitions };
    },
    OffsetFetch: (nodeId, { group, partitions }) => {
      const error = this.#coordinates(nodeId, group);
      const committed = partitions.map(({ topic, partition }) => {
        return { topic, partition, error, offset: this.#group(group).committed(topic, partition) };
      });
      return { error, partitions: committed };
    },
    DescribeGroups: (nodeId, { groups }) => ({
      groups: groups.map((group) => {
        const error = this.#coordinates(nodeId, group);
        const known = this.#groups.get(group);
        return { error, group, state: known?.state ?? "Dead", members: known?.size ?? 0 };
      }),
    }),
    ConsumerGroupDescribe: (_nodeId, { groups }) => ({
      groups: groups.map((group) => {
        return { error: CODE.groupIdNotFound, group, state: "Dead", members: 0 };
      }),
    }),
    CreateTopics: (_nodeId, { topics }) => ({
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        error: this.#create(topic, partitions),
      })),
    }),
  };

  #describe(topic: string): Answers["Metadata"]["topics"][number] {
    const { leaders } = this.#topics.get(topic) ?? {};
    if (leaders === undefined) return { topic, error: CODE.unknownTopic, partitions: [] };
    return {
      topic,
      error: 0,
      partitions: leaders.map((leader, partition) => ({ partition, leader, error: 0 })),
    };
  }

  #create(topic: string, partitions: number): number {
    if (this.#topics.has(topic)) return CODE.topicExists;
    if (partitions < 1) return CODE.invalidPartitions;
    this.#topics.set(topic, {
      logs: Array.from({ length: partitions }, () => new PartitionLog()),
      leaders: Array.from({ length: partitions }, () => this.#another(-1)),
    });
    return 0;
  }

  #led(nodeId: number, topic: string, partition: number): { error: number; log?: PartitionLog } {
    const found = this.#topics.get(topic);
    const log = found?.logs[partition];
    if (found === undefined || log === undefined) return { error: CODE.unknownTopic };
    return found.leaders[partition] === nodeId ? { error: 0, log } : { error: CODE.notLeader };
  }

  async #fetch(nodeId: number, request: Requests["Fetch"], gone: AbortSignal) {
    const { partitions, maxWaitMs } = request;
    const look = () =>
      partitions.map(({ topic, partition, offset, maxBytes }) => {
        const { error, log } = this.#led(nodeId, topic, partition);
        const records = log?.read(offset, maxBytes) ?? new Uint8Array(0);
        const isOut = log !== undefined && (offset > log.nextOffset || offset < log.startOffset);
        return {
          topic,
          partition,
          error: error || (isOut ? CODE.offsetOutOfRange : 0),
          highWatermark: log?.nextOffset ?? -1n,
          logStartOffset: log?.startOffset ?? -1n,
          records,
        };
      });
    const now = look();
    if (now.some(({ error, records }) => error !== 0 || records.length > 0)) {
      return { error: 0, partitions: now };
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.timer(maxWaitMs, resolve);
    const ends = partitions.map(({ topic, partition }) => {
      return this.#led(nodeId, topic, partition).log?.onAppend(resolve);
    });
    gone.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    timer.cancel();
    for (const end of ends) end?.();
    return { error: 0, partitions: look() };
  }

  #find(group: string): Omit<Answers["FindCoordinator"], "throttleMs"> {
    const known = this.#coordinators.get(group) ?? this.#another(-1);
    this.#coordinators.set(group, known);
    const { nodeId, host, port, isUp } = this.brokers[known]!;
    const error = isUp ? 0 : CODE.coordinatorNotAvailable;
    return { error, nodeId: isUp ? nodeId : -1, host: isUp ? host : "", port: isUp ? port : -1 };
  }

  #coordinates(nodeId: number, group: string): number {
    return this.#find(group).nodeId === nodeId ? 0 : CODE.notCoordinator;
  }

  #group(name: string): Group {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group = new Group(INITIAL_DELAY_MS);
    this.#groups.set(name, group);
    return group;
  }
}
