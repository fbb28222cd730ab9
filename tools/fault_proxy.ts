/**
 * A TCP proxy that breaks connections in chosen ways, for fault tests. Put it before a broker that
 * advertises the proxy's port, so that every connection of a client goes through it.
 *
 * @module
 */
import { createServer, type Server, type Socket } from "node:net";
import { type ConnectionRules, ProxiedConnection } from "./faults/connection.ts";
import type { Fault } from "./faults/lane.ts";
import { Link } from "./faults/link.ts";
import { type Cut, type Replacement, Strikes } from "./faults/strikes.ts";

export { API } from "./faults/frames.ts";
export type { Direction, Fault } from "./faults/lane.ts";
export type { Cut, Replacement } from "./faults/strikes.ts";
export type { ProxiedConnection } from "./faults/connection.ts";

/** Options of {@linkcode startFaultProxy}. */
export interface FaultProxyOptions {
  /** Port on this machine that connections go to; it may be set later, before the first one. */
  readonly target?: number | undefined;
  /**
   * Whether bytes are read as Kafka's protocol, which {@linkcode FaultProxy.cut},
   * {@linkcode FaultProxy.replace} and `answerDelay` need.
   */
  readonly kafka?: boolean | undefined;
}

/** A proxy before one port. */
export class FaultProxy implements AsyncDisposable {
  /** The port to connect to. */
  readonly port: number;
  /** Where connections go. */
  target: number;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #emptied: (() => void)[] = [];
  readonly #rules: ConnectionRules;
  readonly #strikes = new Strikes();
  #fault: Fault = {};
  #server: Server | undefined;
  #accepted = 0;

  private constructor(server: Server, options: FaultProxyOptions) {
    this.port = (server.address() as { port: number }).port;
    this.target = options.target ?? 0;
    const port = () => this.target;
    this.#rules = {
      target: {
        hostname: "127.0.0.1",
        get port() {
          return port();
        },
      },
      kafka: options.kafka ?? false,
      fault: () => this.#fault,
      link: new Link(),
      meets: (direction, frame) => this.#strikes.meet(direction, frame),
      closed: (connection) => {
        this.#connections.delete(connection);
        if (this.#connections.size === 0) this.#emptied.splice(0).forEach((resolve) => resolve());
      },
    };
    this.#accept(server);
  }

  /** Starts a proxy on a free port of this machine. */
  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    return new FaultProxy(await listen(0), options);
  }

  /** The open connections. */
  get connections(): readonly ProxiedConnection[] {
    return [...this.#connections];
  }

  /** Resolves when no connection is open. */
  async empty(): Promise<void> {
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  /** How many connections were ever accepted. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Puts every connection, those to come too, under this fault instead of the one before. */
  setFault(fault: Fault): void {
    this.#fault = fault;
    for (const connection of this.#connections) connection.wake();
  }

  /** Ends all faults: of all connections, of single ones, cuts, and refusing; and what clients left. */
  async heal(): Promise<void> {
    this.#fault = {};
    this.#strikes.clear();
    for (const connection of this.#connections) {
      connection.setFault(undefined);
      connection.abandon();
    }
    if (this.#server === undefined) this.#accept(await listen(this.port));
  }

  /** Refuses new connections: nobody listens on the port. Open ones stay as they are. */
  refuse(): void {
    const server = this.#server;
    this.#server = undefined;
    server?.close();
  }

  /** Resets every open connection. */
  reset(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /** Breaks connections at a request or response; resolves when it has cut as often as asked. */
  cut(cut: Cut): Promise<void> {
    return this.#strikes.cut(cut);
  }

  /** Replaces answers of the broker; resolves when it has done so as often as asked. */
  replace(replacement: Replacement): Promise<void> {
    return this.#strikes.replace(replacement);
  }

  /** Refuses new connections and resets the open ones. */
  close(): Promise<void> {
    this.refuse();
    this.setFault({});
    this.reset();
    return Promise.resolve();
  }

  /** Same as {@linkcode FaultProxy.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(server: Server): void {
    this.#server = server;
    server.on("connection", (client: Socket) => {
      this.#accepted++;
      this.#connections.add(new ProxiedConnection(client, this.#rules));
    });
  }
}

async function listen(port: number): Promise<Server> {
  // A goodbye of one side must not end the other direction: that is for the lanes to carry.
  const server = createServer({ allowHalfOpen: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, "127.0.0.1", resolve);
  await promise;
  return server;
}

/**
 * Starts a fault proxy on a free port of this machine.
 *
 * @example
 * ```ts
 * import { startFaultProxy } from "./fault_proxy.ts";
 * import { startCluster } from "./local_broker.ts";
 *
 * await using proxy = await startFaultProxy({ kafka: true });
 * await using cluster = await startCluster({ nodes: 1, advertised: [proxy.port] });
 * proxy.target = cluster.nodes[0]!.port;
 * proxy.setFault({ delayMs: 500 });
 * await proxy.heal();
 * ```
 */
export function startFaultProxy(options: FaultProxyOptions = {}): Promise<FaultProxy> {
  return FaultProxy.start(options);
}
