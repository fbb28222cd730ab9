/**
 * Brokers of the fault tests, each behind a proxy.
 *
 * @module
 */
import { type FaultProxy, startFaultProxy } from "../../tools/fault_proxy.ts";
import type { Cluster, ClusterNode } from "../../tools/kafka/cluster.ts";
import { startCluster } from "../../tools/local_broker.ts";

/** How much of everything. */
export interface Size {
  /** Calls begun in a second. */
  readonly perSecond: number;
  /** Fewest calls. */
  readonly calls: number;
  /** How often something is done that can be done again. */
  readonly repeat: number;
}

/** Some hundred calls. */
export const SHORT: Size = { perSecond: 80, calls: 240, repeat: 1 };
/** Some thousand calls. */
export const FULL: Size = { perSecond: 150, calls: 2_000, repeat: 5 };

/** One node behind a proxy. */
export class Arena implements AsyncDisposable {
  /** What all connections of clients go through. */
  readonly proxy: FaultProxy;
  readonly #cluster: Cluster;

  private constructor(proxy: FaultProxy, cluster: Cluster) {
    this.proxy = proxy;
    this.#cluster = cluster;
  }

  /** Starts it. */
  static async start(): Promise<Arena> {
    const proxy = await startFaultProxy({ kafka: true });
    const cluster = await startCluster({
      nodes: 1,
      advertised: [proxy.port],
      // A broker that was killed may come back when its old session has ended: 9 s by default.
      settings: { "broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "500" },
    });
    proxy.target = cluster.nodes[0]!.port;
    return new Arena(proxy, cluster);
  }

  /** The node. */
  get node(): ClusterNode {
    return this.#cluster.nodes[0]!;
  }

  /** Bootstrap brokers. */
  get brokers(): string[] {
    return this.#cluster.brokers;
  }

  /** Ends the node in some way; nobody listens on the port of clients until `back()`. */
  async away(end: (node: ClusterNode) => Promise<void>): Promise<void> {
    this.proxy.refuse();
    await end(this.node);
  }

  /** Starts the node again; resolves when it answers clients. */
  async back(): Promise<void> {
    await this.node.restart();
    await this.proxy.heal();
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster.close();
    await this.proxy.close();
  }
}

/** Lets a fault last: its own duration, not a wait for something to happen. */
export function lasts(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
