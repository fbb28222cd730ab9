/**
 * Kafka on a Java of this machine.
 *
 * @module
 */
import type { Command, KeeperPlan } from "../kept_process.ts";
import { provideJars } from "./download.ts";
import { kafkaVersion } from "./jars.ts";
import type { Log } from "./log.ts";
import { asProperties, nodeSettings } from "./node_settings.ts";
import { askCommand, type Way } from "./way.ts";

const OLDEST_JAVA = 17;

/** Options for a Java that ends soon: not worth optimising, 0.3 s less. */
export const SHORT_RUN = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"] as const;
/** Options for a broker that is measured, or lasts. */
const LASTING = ["-Xmx512m", "-XX:+UseSerialGC"] as const;
/**
 * Options for a node of some tests. Until it answers, it takes 4.6 s of processor time instead of
 * 7.5 s. Three of them fit beside the tests on a small machine.
 */
export const TEST_NODE = ["-Xmx384m", ...SHORT_RUN] as const;

/** The command of a Java new enough for Kafka, or why there is none. */
export async function findJava(
  signal?: AbortSignal | undefined,
): Promise<{ command: string } | { missing: string }> {
  const home = Deno.env.get("JAVA_HOME");
  const command = home ? `${home}/bin/java` : "java";
  const answer = await askCommand(command, ["-version"], signal);
  if ("missing" in answer) return answer;
  const version = Number(/version "(\d+)/.exec(answer.text)?.[1]);
  if (version >= OLDEST_JAVA) return { command };
  return { missing: `"${command}" is Java ${version || "of unknown version"}` };
}

/** What a node on Java needs besides its place. */
export interface JavaNode {
  /** Command of the Java. */
  java: string;
  /** Folder of Kafka's jars. */
  jars: string;
  /** Settings by name; the folder of the data is added. */
  settings: Record<string, string>;
  /** Id of its cluster. */
  clusterId: string;
  /** Options of the node's Java. Default: those of a broker that lasts, with 512m of heap. */
  jvm?: readonly string[] | undefined;
  /** Commands that come before all others. */
  first?: Command[];
  /** Arguments besides for the tool that formats the data. */
  format?: string[];
}

/** The commands that run one node on Java. */
export function javaPlan(node: JavaNode): KeeperPlan {
  const { java, jars, settings, clusterId, jvm = LASTING, first = [], format = [] } = node;
  const classPath = ["-cp", `${jars}/*`];
  return {
    folderPrefix: "kafka-rpc-broker-",
    files: { "server.properties": asProperties({ ...settings, "log.dirs": "{folder}/data" }) },
    steps: [
      ...first,
      [
        java,
        ...SHORT_RUN,
        ...classPath,
        "kafka.tools.StorageTool",
        "format",
        "--cluster-id",
        clusterId,
        "--config",
        "{folder}/server.properties",
        ...format,
      ],
      [
        java,
        "-Xms256m",
        ...jvm,
        ...classPath,
        "kafka.Kafka",
        "{folder}/server.properties",
      ],
    ],
    graceMs: 10_000,
    forwardLines: false,
  };
}

/** The command of a Java with a compiler, which a bare runtime lacks; an error if there is none. */
export async function findCompiler(signal?: AbortSignal | undefined): Promise<string> {
  const java = await findJava(signal);
  const answer = "command" in java
    ? await askCommand(java.command, ["--describe-module", "jdk.compiler"], signal)
    : java;
  if ("command" in java && !("missing" in answer)) return java.command;
  const reason = "command" in java ? `"${java.command}" has no compiler` : java.missing;
  throw new Error(
    `Cannot run a Java program of this repository: ${reason}. Install a JDK, version ` +
      `${OLDEST_JAVA} or newer, not a runtime alone, or set JAVA_HOME to one.`,
  );
}

/** Kafka on this Java, with the jars got first if need be; or why it cannot be. */
export async function javaWay(
  java: string,
  log: Log,
  signal?: AbortSignal | undefined,
): Promise<Way | { missing: string }> {
  const jars = await provideJars(log, signal);
  if ("missing" in jars) return jars;
  return {
    name: `Apache Kafka ${kafkaVersion()} on Java`,
    takesSignals: true,
    plan: (node, voters, clusterId, jvm) =>
      javaPlan({ java, jars: jars.folder, settings: nodeSettings(node, voters), clusterId, jvm }),
  };
}
