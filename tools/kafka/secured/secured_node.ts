/**
 * A Kafka node with everything that clusters of other people have: logins, certificates, rights,
 * quotas, sessions that end. One process, with a listener for each.
 *
 * @module
 */
import { ClusterNode } from "../cluster.ts";
import { provideJars } from "../download.ts";
import { findCompiler, javaPlan, TEST_NODE } from "../java.ts";
import { kafkaVersion } from "../jars.ts";
import type { Log } from "../log.ts";
import { freePorts, nodeSettings } from "../node_settings.ts";
import { newClusterId, startNode, withFreePorts } from "../node.ts";
import type { Way } from "../way.ts";
import { Certificates, certificatesCommand } from "./certificates.ts";
import {
  hostOf,
  type ListenerName,
  listenerNames,
  type ListenerPorts,
  listenerSettings,
  USERS,
} from "./listeners.ts";

/** What a secured node is to be. */
export interface SecuredPlan {
  /** Advertised ports by listener, where a proxy is before it. */
  readonly advertised?: Readonly<Partial<Record<ListenerName, number>>> | undefined;
  /** Settings of the node besides. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Takes lines about the start. */
  readonly log?: Log | undefined;
  /** Aborts the start. */
  readonly signal?: AbortSignal | undefined;
}

/** A secured node that runs. */
export class SecuredNode implements AsyncDisposable {
  /** The node itself, which can be killed, suspended and started again. */
  readonly node: ClusterNode;
  /** What it and its clients use for TLS. */
  readonly certificates: Certificates;
  /** Folder of Kafka's jars, for programs that use them. */
  readonly jars: string;
  readonly #ports: ReadonlyMap<ListenerName, ListenerPorts>;

  /** Takes a node that runs. */
  constructor(
    node: ClusterNode,
    facts: {
      ports: ReadonlyMap<ListenerName, ListenerPorts>;
      certificates: Certificates;
      jars: string;
    },
  ) {
    this.node = node;
    this.#ports = facts.ports;
    this.certificates = facts.certificates;
    this.jars = facts.jars;
  }

  /** The listeners that it has; `ipv6` is missing where the machine has none. */
  get listeners(): ListenerName[] {
    return [...this.#ports.keys()];
  }

  /** Bootstrap brokers of a listener: its one advertised address. */
  brokers(listener: ListenerName): string[] {
    return [`${hostOf(listener)}:${this.#of(listener).advertised}`];
  }

  /** The port on which the node itself listens, for a proxy before it. */
  port(listener: ListenerName): number {
    return this.#of(listener).port;
  }

  /** Ends the node and removes its files. */
  close(): Promise<void> {
    return this.node.close();
  }

  /** Same as {@linkcode SecuredNode.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #of(listener: ListenerName): ListenerPorts {
    const found = this.#ports.get(listener);
    if (found === undefined) throw new Error(`Cannot use listener ${listener}: no IPv6 here.`);
    return found;
  }
}

/**
 * Starts a secured node. It needs a JDK (its keytool makes the certificates) and nothing else.
 * Topics are created on demand only by those who ask for it: the broker does not by itself.
 *
 * @throws Error Where there is no JDK, or the node does not start.
 *
 * @example
 * ```ts
 * import { connect } from "@kafka-rpc/deno";
 * import { startSecuredNode } from "./secured_node.ts";
 *
 * await using node = await startSecuredNode();
 * await using client = await connect({
 *   brokers: node.brokers("sasl_tls"),
 *   sasl: { mechanism: "scram-sha-512", username: "admin", password: "admin-secret" },
 *   ssl: { ca: node.certificates.ca },
 * });
 * ```
 */
export async function startSecuredNode(plan: SecuredPlan = {}): Promise<SecuredNode> {
  const { log = () => {}, signal } = plan;
  const java = await findCompiler(signal);
  const jars = await provideJars(log, signal);
  if ("missing" in jars) {
    throw new Error(`Cannot get Apache Kafka: ${jars.missing}. Install Maven.`);
  }
  return await withFreePorts(log, () => start(java, jars.folder, plan));
}

async function start(java: string, jars: string, plan: SecuredPlan): Promise<SecuredNode> {
  const { log = () => {}, signal, advertised = {} } = plan;
  const names = listenerNames();
  const [controller, internal, ...free] = freePorts(names.length + 2);
  const ports = new Map(names.map((name, index) => {
    const port = free[index]!;
    return [name, { port, advertised: advertised[name] ?? port }];
  }));
  const settings = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS;User:admin",
    "auto.create.topics.enable": "false",
    // Groups of KIP-848 too: the default since 4.0, and off before.
    "group.coordinator.rebalance.protocols": "classic,consumer",
    ...listenerSettings(ports, { controller: controller!, internal: internal! }),
    ...plan.settings,
  };
  const open = ports.get("open")!;
  const place = {
    id: 1,
    port: open.port,
    controllerPort: controller!,
    advertised: open.advertised,
    settings,
  };
  const way: Way = {
    name: `Apache Kafka ${kafkaVersion()} on Java, with security`,
    takesSignals: true,
    plan: (node, voters, clusterId, jvm) =>
      javaPlan({
        java,
        jars,
        settings: nodeSettings(node, voters),
        clusterId,
        jvm,
        first: [certificatesCommand(java)],
        format: scramUsers(),
      }),
  };
  const clusterId = newClusterId();
  const kept = await startNode({
    way,
    place,
    voters: [place],
    clusterId,
    log,
    signal,
    jvm: TEST_NODE,
  });
  const certificates = await Certificates.read(kept.folder);
  return new SecuredNode(new ClusterNode(kept, place), { ports, certificates, jars });
}

/** Users of SCRAM are part of the cluster's own data from the beginning. */
function scramUsers(): string[] {
  return Object.entries(USERS).flatMap(([name, password]) =>
    ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
      "--add-scram",
      `${mechanism}=[name=${name},password=${password}]`,
    ])
  );
}
