/**
 * Kafka on a Java of this machine.
 *
 * @module
 */
import { provideJars } from "./download.ts";
import { KAFKA_VERSION } from "./jars.ts";
import type { Log } from "./log.ts";
import { asProperties, nodeSettings } from "./node_settings.ts";
import { askCommand, type Way } from "./way.ts";

const OLDEST_JAVA = 17;

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

/** Kafka on this Java, with the jars got first if need be; or why it cannot be. */
export async function javaWay(
  java: string,
  log: Log,
  signal?: AbortSignal | undefined,
): Promise<Way | { missing: string }> {
  const jars = await provideJars(log, signal);
  if ("missing" in jars) return jars;
  return {
    name: `Apache Kafka ${KAFKA_VERSION} on Java`,
    takesSignals: true,
    plan: (node, voters, clusterId, heap = "512m") => ({
      folderPrefix: "kafka-rpc-broker-",
      files: {
        "server.properties": asProperties({
          ...nodeSettings(node, voters),
          "log.dirs": "{folder}/data",
        }),
      },
      steps: [
        [
          java,
          "-XX:TieredStopAtLevel=1", // a short run: not worth optimising, 0.3 s less
          "-XX:+UseSerialGC",
          "-cp",
          `${jars.folder}/*`,
          "kafka.tools.StorageTool",
          "format",
          "--cluster-id",
          clusterId,
          "--config",
          "{folder}/server.properties",
        ],
        [
          java,
          "-Xms256m",
          `-Xmx${heap}`,
          "-XX:+UseSerialGC",
          "-cp",
          `${jars.folder}/*`,
          "kafka.Kafka",
          "{folder}/server.properties",
        ],
      ],
      graceMs: 10_000,
      forwardLines: false,
    }),
  };
}
