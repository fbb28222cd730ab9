/**
 * Kafka nodes that can be killed, stopped, suspended and started again, for fault tests.
 *
 * @module
 */
import type { KeptProcess } from "../kept_process.ts";
import { TEST_NODE } from "./java.ts";
import type { Log } from "./log.ts";
import { newClusterId, startNode, withFreePorts } from "./node.ts";
import { findPlace, type NodePlace } from "./node_settings.ts";
import { untilReady } from "./ready.ts";
import type { Way } from "./way.ts";

const READY_WITHIN_MS = 60_000;

/** What a cluster is to be. */
export interface ClusterPlan {
  /** How many nodes, each broker and controller. */
  nodes: number;
  /**
   * The port that clients are advertised, for each node that has a proxy before it. Brokers talk
   * to each other past the proxies.
   */
  advertised?: readonly (number | undefined)[] | undefined;
  /** Settings of each node besides. */
  settings?: Readonly<Record<string, string>> | undefined;
  /** Takes lines about the start. */
  log?: Log | undefined;
  /** Ends the start when aborted. */
  signal?: AbortSignal | undefined;
}

/** One node of a cluster. Everything but `suspend` and `resume` may be awaited. */
export class ClusterNode {
  /** Its node id, from 1 on. */
  readonly id: number;
  /** Where the node itself listens, whatever it tells clients. */
  readonly port: number;
  /** Where it listens for brokers, past the proxy; undefined without one. */
  readonly internalPort: number | undefined;
  readonly #kept: KeptProcess;
  #advertised: number;
  #suspended = false;
  #up = true;

  /** Takes a node that runs. */
  constructor(kept: KeptProcess, place: NodePlace) {
    this.#kept = kept;
    this.id = place.id;
    this.port = place.port;
    this.internalPort = place.internalPort;
    this.#advertised = place.advertised ?? place.port;
  }

  /** The advertised address. */
  get address(): string {
    return `127.0.0.1:${this.#advertised}`;
  }

  /** Its process id; it changes with a restart. */
  get pid(): number {
    return this.#kept.pid;
  }

  /** Whether its process is there, suspended or not. */
  get up(): boolean {
    return this.#up;
  }

  /** SIGKILL: it ends at once, with no goodbye to anybody. Resolves when it has ended. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** SIGTERM: it hands its leaderships over first, where a node is left to take them. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** SIGSTOP: it keeps its connections and does nothing. */
  suspend(): void {
    this.#signal("SIGSTOP");
    this.#suspended = true;
  }

  /** SIGCONT. */
  resume(): void {
    this.#signal("SIGCONT");
    this.#suspended = false;
  }

  /** Advertises another port from its next start on: that of another proxy. */
  async advertise(port: number): Promise<void> {
    if (this.#up) throw new Error(`Cannot move node ${this.id}: it runs. Stop it first.`);
    const file = `${this.#kept.folder}/server.properties`;
    const old = /^(advertised\.listeners=PLAINTEXT:\/\/127\.0\.0\.1:)\d+/m;
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text.replace(old, `$1${port}`));
    this.#advertised = port;
  }

  /** Starts it again, on the same ports and data; resolves when it answers. */
  async restart(): Promise<void> {
    await this.start();
    await this.ready();
  }

  /** Starts it again without a wait for its answers: alone it may have no quorum to answer with. */
  async start(): Promise<void> {
    if (this.#up) throw new Error(`Cannot start node ${this.id}: it runs. Stop it first.`);
    await this.#kept.again();
    this.#up = true;
  }

  /** Resolves when it answers its clients. */
  async ready(): Promise<void> {
    const enough = new AbortController();
    const signal = AbortSignal.any([AbortSignal.timeout(READY_WITHIN_MS), enough.signal]);
    try {
      const exit = await Promise.race([
        untilReady(this.port, signal, this.#advertised),
        this.#kept.exited,
      ]);
      if (exit === undefined) return;
      const tail = await this.#kept.logTail();
      throw new Error(`Cannot wait for node ${this.id}: it ended. Its output ends with:\n${tail}`);
    } finally {
      enough.abort();
    }
  }

  /** The last lines of its log. */
  logTail(lines?: number): Promise<string> {
    return this.#kept.logTail(lines);
  }

  /** Ends it for good and removes its files. A quorum that is closing would wait for itself. */
  async close(): Promise<void> {
    if (this.#up) await this.kill();
    await this.#kept.close();
  }

  async #end(signal: Deno.Signal): Promise<void> {
    if (!this.#up) return;
    if (this.#suspended && signal !== "SIGKILL") this.resume();
    this.#signal(signal);
    await this.#kept.exited;
    this.#up = false;
    this.#suspended = false;
  }

  #signal(signal: Deno.Signal): void {
    if (!this.#up) throw new Error(`Cannot send ${signal} to node ${this.id}: it does not run.`);
    Deno.kill(this.pid, signal);
  }
}

/** A cluster of nodes of this machine. */
export class Cluster implements AsyncDisposable {
  /** Its nodes, in the order of their ids. */
  readonly nodes: readonly ClusterNode[];

  /** Takes nodes that run. */
  constructor(nodes: readonly ClusterNode[]) {
    this.nodes = nodes;
  }

  /** The advertised addresses. */
  get brokers(): string[] {
    return this.nodes.map(({ address }) => address);
  }

  /** The node with this id. */
  node(id: number): ClusterNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`Cannot find node ${id} in this cluster.`);
    return found;
  }

  /** Ends every node and removes its files. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }

  /** Same as {@linkcode Cluster.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Starts the nodes of a cluster together: alone none of them has a quorum. */
export function startNodes(way: Way, plan: ClusterPlan): Promise<Cluster> {
  const { log = () => {}, advertised = [], settings } = plan;
  return withFreePorts(log, () => {
    const places = Array.from(
      { length: plan.nodes },
      (_, index) => ({ ...findPlace(index + 1, undefined, advertised[index]), settings }),
    );
    return startAll(way, places, plan);
  });
}

async function startAll(way: Way, places: NodePlace[], plan: ClusterPlan): Promise<Cluster> {
  const { log = () => {} } = plan;
  const clusterId = newClusterId();
  const failed = new AbortController();
  const signal = plan.signal ? AbortSignal.any([plan.signal, failed.signal]) : failed.signal;
  const started = await Promise.allSettled(places.map(async (place) => {
    try {
      const start = { way, place, voters: places, clusterId, log, signal, jvm: TEST_NODE };
      return new ClusterNode(await startNode(start), place);
    } catch (error) {
      failed.abort(error); // the others would wait for it in vain
      throw error;
    }
  }));
  const nodes = started.flatMap((node) => node.status === "fulfilled" ? [node.value] : []);
  if (nodes.length === places.length) return new Cluster(nodes);
  await new Cluster(nodes).close();
  throw failed.signal.reason;
}
