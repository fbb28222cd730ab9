/**
 * Peers in Java: Spring, and two hops over Kafka's own client. Maven gets what they need, and
 * compiles them, both with the client that Spring asks for.
 *
 * @module
 */
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { findCompiler } from "../../tools/kafka/java.ts";
import { foreignProgram } from "../lanes/lane.ts";
import { runCommand } from "./commands.ts";
import { type Installed, MissingError, type Peer, type PeerLane } from "./peer.ts";

const FOLDER = new URL("./jvm/", import.meta.url);
const MAVEN = Deno.build.os === "windows" ? "mvn.cmd" : "mvn";
const BUILD = ["-q", "-B", "compile", "dependency:copy-dependencies"] as const;
const JARS = ["-DincludeScope=runtime", "-DoutputDirectory=target/jars"] as const;
const TUNINGS = { stock: "linger 5 ms, acks all", tuned: "linger 0, acks 1" };

function java(main: string, title: string): Peer {
  return async ({ brokers, signal }) => {
    const command = await compiler(signal);
    await runCommand([MAVEN, ...BUILD, ...JARS], { cwd: FOLDER, signal });
    const classPath = ["target/classes", "target/jars/*"]
      .map((path) => fileURLToPath(FOLDER) + path).join(delimiter);
    const lanes = Object.entries(TUNINGS).map(([tuning, settings]): PeerLane => ({
      name: `${title}, ${tuning}`,
      settings,
      program: (topic) =>
        foreignProgram({
          command,
          args: ["-Xmx1g", "-cp", classPath, `bench.${main}`, brokers.join(","), topic, tuning],
        }),
    }));
    return { versions: await versionsOfJars(), lanes };
  };
}

async function compiler(signal: AbortSignal): Promise<string> {
  try {
    return await findCompiler(signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new MissingError((error as Error).message);
  }
}

async function versionsOfJars(): Promise<Installed["versions"]> {
  const versions: Record<string, string> = {};
  for await (const { name } of Deno.readDir(new URL("target/jars/", FOLDER))) {
    const [, jar = "", version = ""] = /^(kafka-clients|spring-kafka)-(.+)\.jar$/.exec(name) ?? [];
    if (jar !== "") versions[jar] = version;
  }
  return versions;
}

/** ReplyingKafkaTemplate. */
export const spring: Peer = java("Spring", "Spring");
/** Two hops over kafka-clients. */
export const javaLoop: Peer = java("RawLoop", "Java raw loop");
