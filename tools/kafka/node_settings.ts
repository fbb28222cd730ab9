/**
 * The settings of one combined Kafka node (broker and controller, KRaft).
 *
 * @module
 */

/** A node of the cluster: its id and its two loopback ports. */
export interface NodePlace {
  /** Node id, unique in the cluster. */
  id: number;
  /** Port for clients. */
  port: number;
  /** Port for the controllers among themselves. */
  controllerPort: number;
  /** Advertised port, where it is not `port`: that of a proxy before it. */
  advertised?: number | undefined;
  /** Port for the brokers among themselves, where a proxy is advertised. */
  internalPort?: number | undefined;
  /** Settings besides. */
  settings?: Readonly<Record<string, string>> | undefined;
}

/** Settings by name for one node of a cluster whose every node is a voter. */
export function nodeSettings(
  node: NodePlace,
  voters: NodePlace[],
): Record<string, string> {
  const copies = String(Math.min(voters.length, 3));
  const safely = String(Math.min(voters.length, 2));
  const { port, advertised = port, internalPort } = node;
  // Brokers talk to each other past the proxy: a fault between clients and brokers is no other.
  const internal = internalPort === undefined ? "" : `,INTERNAL://127.0.0.1:${internalPort}`;
  return {
    "process.roles": "broker,controller",
    "node.id": String(node.id),
    "controller.quorum.voters": voters
      .map((voter) => `${voter.id}@127.0.0.1:${voter.controllerPort}`).join(
        ",",
      ),
    "listeners":
      `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${node.controllerPort}${internal}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${advertised}${internal}`,
    "inter.broker.listener.name": internal ? "INTERNAL" : "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT",
    "default.replication.factor": copies,
    "min.insync.replicas": safely,
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": copies,
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": copies,
    "transaction.state.log.min.isr": safely,
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": copies,
    "share.coordinator.state.topic.min.isr": safely,
    // By default a broker waits 3 s for more members before a new group may begin.
    "group.initial.rebalance.delay.ms": "0",
    ...node.settings,
  };
}

/** The same settings as a Java properties text. */
export function asProperties(settings: Record<string, string>): string {
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** The same settings as the environment of the official container images. */
export function asEnvironment(
  settings: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map((
      [name, value],
    ) => [`KAFKA_${name.replaceAll(".", "_").toUpperCase()}`, value]),
  );
}

/** Free loopback ports. One may be taken again before its user binds it: be ready to retry. */
export function freePorts(count: number): number[] {
  using held = new DisposableStack();
  return Array.from(
    { length: count },
    () => held.use(Deno.listen({ hostname: "127.0.0.1", port: 0 })).addr.port,
  );
}

/** A place for a node on free ports, or on the given client port, or behind a proxy's port. */
export function findPlace(id: number, port?: number, advertised?: number): NodePlace {
  try {
    using held = Deno.listen({ hostname: "127.0.0.1", port: port ?? 0 });
    using controller = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const place = { id, port: held.addr.port, controllerPort: controller.addr.port };
    return advertised === undefined
      ? place
      : { ...place, advertised, internalPort: freePorts(1)[0] };
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(
      `Cannot use port ${port}: another program has it. Choose another port, or set ` +
        `KAFKA_BROKERS=127.0.0.1:${port} if that program is a Kafka broker.`,
      { cause: error },
    );
  }
}
