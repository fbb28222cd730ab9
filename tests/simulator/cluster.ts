/**
 * Brokers that do what real ones do, as far as request/reply needs them.
 *
 * @module
 */
import { clock } from "../../src/async/clock.ts";
import type { Api, Requests } from "../../src/transport/kafka/port.ts";
import type { Plain } from "./codes.ts";
import { Groups } from "./groups.ts";
import { Topics } from "./topics.ts";

/** How long the cluster needs to see that a broker is gone. */
export const FAILOVER_MS = 400;

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
) => Promise<Plain<A>> | Plain<A>;

/** A cluster of brokers. */
export class SimulatedCluster {
  readonly brokers: readonly Broker[];
  readonly topics: Topics;
  readonly groups: Groups;
  #turn = 0;

  /**
   * Creates a cluster without topics.
   *
   * @param count How many brokers.
   */
  constructor(count: number) {
    this.brokers = Array.from({ length: count }, (_, nodeId) => {
      return { nodeId, host: `broker-${nodeId}`, port: 9092, isUp: true };
    });
    const another = (than: number) => this.#another(than);
    this.topics = new Topics({ count, another });
    this.groups = new Groups({
      another,
      has: (topic, partition) => this.topics.log(topic, partition) !== undefined,
      address: (nodeId) => {
        const { host, port, isUp } = this.brokers[nodeId]!;
        return isUp ? { host, port } : undefined;
      },
    });
  }

  /** Records that a group has not committed. */
  lagOf(group: string, topic: string): bigint {
    return this.topics.logs(topic).reduce((lag, { nextOffset }, partition) => {
      const committed = this.groups.committed(group, topic, partition);
      return lag + nextOffset - (committed < 0n ? 0n : committed);
    }, 0n);
  }

  /** What a group has committed, and the end of each log, as in `0: 7/9`. */
  offsetsOf(group: string, topic: string): string {
    return this.topics.logs(topic).map(({ nextOffset }, partition) => {
      return `${partition}: ${this.groups.committed(group, topic, partition)}/${nextOffset}`;
    }).join(", ");
  }

  /** Ends a broker; others take its partitions and groups over after a moment. */
  stop(nodeId: number): void {
    this.brokers[nodeId]!.isUp = false;
    clock.timer(FAILOVER_MS, () => {
      if (this.brokers[nodeId]!.isUp) return;
      this.topics.moveLeaders(nodeId);
      this.groups.move(nodeId);
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
  ): Promise<Plain<A>> {
    return await (this.#handlers[api] as Handler<A>)(nodeId, request, gone);
  }

  readonly #handlers: { readonly [A in Api]: Handler<A> } = {
    Metadata: (_nodeId, request) => ({
      brokers: this.brokers.filter(({ isUp }) => isUp).map(({ nodeId, host, port }) => {
        return { nodeId, host, port };
      }),
      controllerId: this.brokers.find(({ isUp }) => isUp)?.nodeId ?? -1,
      topics: this.topics.describe(request),
    }),
    ListOffsets: (nodeId, request) => this.topics.list(nodeId, request),
    Produce: (nodeId, request) => this.topics.produce(nodeId, request),
    Fetch: (nodeId, request, gone) => this.topics.fetch(nodeId, request, gone),
    FindCoordinator: (_nodeId, request) => this.groups.find(request),
    JoinGroup: (nodeId, request) => this.groups.join(nodeId, request),
    SyncGroup: (nodeId, request) => this.groups.sync(nodeId, request),
    Heartbeat: (nodeId, request) => this.groups.heartbeat(nodeId, request),
    LeaveGroup: (nodeId, request) => this.groups.leave(nodeId, request),
    OffsetCommit: (nodeId, request) => this.groups.commit(nodeId, request),
    OffsetFetch: (nodeId, request) => this.groups.fetchOffsets(nodeId, request),
    DescribeGroups: (nodeId, request) => this.groups.describe(nodeId, request),
    ConsumerGroupDescribe: (nodeId, request) => this.groups.describeConsumers(nodeId, request),
    CreateTopics: (_nodeId, request) => this.topics.create(request),
  };
}
