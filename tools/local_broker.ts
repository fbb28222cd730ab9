/**
 * A Kafka broker on this machine for tests, demo and bench: one that KAFKA_BROKERS names, else
 * one started on Java, else one started in Docker.
 *
 * @module
 */
import { type Cluster, type ClusterPlan, startNodes } from "./kafka/cluster.ts";
import { dockerWay, findDocker } from "./kafka/docker.ts";
import { findJava, javaWay, TEST_NODE } from "./kafka/java.ts";
import type { Log } from "./kafka/log.ts";
import { findPlace, type NodePlace } from "./kafka/node_settings.ts";
import { newClusterId, startNode, withFreePorts } from "./kafka/node.ts";
import type { Way } from "./kafka/way.ts";
import type { KeptProcess } from "./kept_process.ts";

/** No broker is named, and this machine has nothing to start one with. */
export class NoBrokerError extends Error {
  /** Always "NoBrokerError". */
  override name = "NoBrokerError";

  /** Takes the reasons why Java and Docker are out of the question. */
  constructor(java: string, docker: string) {
    super(
      `Cannot start a Kafka broker: ${java}, and ${docker}. Do one of these: install Java 17 ` +
        "or newer (and Maven, for the first download), start Docker, or set KAFKA_BROKERS to " +
        "the address of a broker that runs already, such as 127.0.0.1:9092.",
    );
  }
}

/** Options of {@linkcode startBroker}. */
export interface BrokerOptions {
  /** Ends the start, or the broker, when aborted. */
  signal?: AbortSignal | undefined;
  /** Takes lines about what is going on; nothing is said by default. */
  log?: Log;
  /** Port for clients; a free one by default. */
  port?: number | undefined;
  /** Starts one whatever KAFKA_BROKERS names. Default: false. */
  own?: boolean | undefined;
  /** Starts one for some minutes of tests, on less processor time. Default: false. */
  forTests?: boolean | undefined;
}

/** A broker to talk to. */
export interface Broker extends AsyncDisposable {
  /** Addresses to connect to. */
  brokers: string[];
  /** Process ids of the Kafka nodes started here; none where KAFKA_BROKERS was set. */
  pids: number[];
  /** Settles with the end of the log if the broker ends without having been closed. */
  died: Promise<string>;
  /** Has the broker's keeper end this child process too, if this process is killed. */
  watchOver(child: Deno.ChildProcess): Promise<void>;
  /** Stops what was started, within bounded time, and removes its files. */
  close(): Promise<void>;
}

/** The broker that KAFKA_BROKERS names, or one that is started here. */
export async function startBroker(
  options: BrokerOptions = {},
): Promise<Broker> {
  const named = Deno.env.get("KAFKA_BROKERS");
  if (named && !options.own) {
    return foreignBroker(named.split(",").map((address) => address.trim()));
  }
  const log = options.log ?? (() => {});
  if (named) log(`KAFKA_BROKERS is ${named}; this is another broker.`);
  const way = await chooseWay(log, options.signal);
  return await withFreePorts(log, async () => {
    const place = findPlace(1, options.port);
    const { signal } = options;
    const jvm = options.forTests ? TEST_NODE : undefined;
    const start = { way, place, voters: [place], clusterId: newClusterId(), jvm, log, signal };
    return localBroker(await startNode(start), place);
  });
}

/**
 * Nodes of this machine that can be killed, stopped, suspended and started again. KAFKA_BROKERS
 * means nothing to it: nobody lends out brokers for that.
 */
export async function startCluster(plan: ClusterPlan): Promise<Cluster> {
  const way = await chooseWay(plan.log ?? (() => {}), plan.signal);
  if (way.takesSignals) return await startNodes(way, plan);
  throw new Error(
    `Cannot start a cluster to break with ${way.name}: its processes take no signals from here. ` +
      "Install Java 17 or newer, and Maven for the first download.",
  );
}

async function chooseWay(
  log: Log,
  signal?: AbortSignal | undefined,
): Promise<Way> {
  const java = await findJava(signal);
  const onJava = "command" in java ? await javaWay(java.command, log, signal) : java;
  if ("plan" in onJava) return onJava;
  const docker = await findDocker(signal);
  if ("command" in docker) return await dockerWay(docker.command, log, signal);
  throw new NoBrokerError(onJava.missing, docker.missing);
}

function localBroker(node: KeptProcess, place: NodePlace): Broker {
  let closing = false;
  const close = () => {
    closing = true;
    return node.close();
  };
  return {
    brokers: [`127.0.0.1:${place.port}`],
    pids: [node.pid],
    died: node.exited.then((exit) =>
      closing
        ? new Promise(() => {})
        : node.logTail().then((tail) =>
          `The broker ended by itself with exit code ${exit.code}. Its output ends with:\n${tail}`
        )
    ),
    watchOver: (child) => node.watchOver(child),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function foreignBroker(brokers: string[]): Broker {
  return {
    brokers,
    pids: [],
    died: new Promise(() => {}),
    watchOver: () => Promise.resolve(),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
