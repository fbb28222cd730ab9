/**
 * Rows of the fault matrix: brokers that are not where they were.
 *
 * @module
 */
import { type FaultProxy, startFaultProxy } from "../../tools/fault_proxy.ts";
import type { Cluster, ClusterPlan } from "../../tools/kafka/cluster.ts";
import { startCluster } from "../../tools/local_broker.ts";
import { untilLed } from "./cluster_admin.ts";
import type { Row } from "./row.ts";
import { UNREACHABLE } from "./rows_connection.ts";

/** Nodes, each behind a proxy of its own, and one address that leads to the first of them. */
export class MovingCluster implements AsyncDisposable {
  /** The nodes. */
  readonly cluster: Cluster;
  /** What a name stays for: the address that clients are configured with. */
  readonly #bootstrap: FaultProxy;
  #proxies: readonly FaultProxy[];

  private constructor(cluster: Cluster, bootstrap: FaultProxy, proxies: readonly FaultProxy[]) {
    this.cluster = cluster;
    this.#bootstrap = bootstrap;
    this.#proxies = proxies;
  }

  /** Starts it. */
  static async start(plan: Pick<ClusterPlan, "nodes">): Promise<MovingCluster> {
    const proxies = await startProxies(plan.nodes);
    const advertised = proxies.map(({ port }) => port);
    const cluster = await startCluster({ ...plan, advertised });
    const bootstrap = await startFaultProxy({ target: cluster.nodes[0]!.port });
    cluster.nodes.forEach((node, index) => proxies[index]!.target = node.port);
    return new MovingCluster(cluster, bootstrap, proxies);
  }

  /** Where clients begin. */
  get brokers(): string[] {
    return [`127.0.0.1:${this.#bootstrap.port}`];
  }

  /** Ends all nodes; they come back where they were never seen, and nobody listens there any more. */
  async move(): Promise<void> {
    const { nodes } = this.cluster;
    await Promise.all(nodes.map((node) => node.kill()));
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    this.#proxies = await startProxies(nodes.length);
    await Promise.all(nodes.map(async (node, index) => {
      const proxy = this.#proxies[index]!;
      proxy.target = node.port;
      await node.advertise(proxy.port);
      await node.restart();
    }));
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.close();
    await Promise.all([this.#bootstrap, ...this.#proxies].map((proxy) => proxy.close()));
  }
}

function startProxies(count: number): Promise<FaultProxy[]> {
  return Promise.all(Array.from({ length: count }, () => startFaultProxy()));
}

/** All brokers come back under other addresses; the one that clients were given answers again. */
export const allMoved = (moving: MovingCluster): Row => ({
  name: "3 nodes: all back under new addresses",
  brokers: moving.brokers,
  calls: 2_000,
  load: { perSecond: 100, timeoutMs: 60_000, maxOpen: 6_000 },
  logs: { client: UNREACHABLE, server: UNREACHABLE },
  fault: async ({ topic }) => {
    await moving.move();
    const topics = [topic, `${topic}_results`, "__consumer_offsets"];
    await untilLed(moving.cluster.brokers, topics, []);
  },
});
