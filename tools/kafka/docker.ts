/**
 * Kafka in a container, for machines without Java.
 *
 * @module
 */
import { KeptProcess } from "../kept_process.ts";
import { kafkaVersion } from "./jars.ts";
import type { Log } from "./log.ts";
import { asEnvironment, nodeSettings } from "./node_settings.ts";
import { askCommand, type Way } from "./way.ts";

const ANSWER_WITHIN_MS = 5000;

/** Whether a Docker engine answers, or why not. */
export async function findDocker(
  signal?: AbortSignal | undefined,
): Promise<{ command: string } | { missing: string }> {
  // A client without an engine can wait for a long time for it.
  const bounded = AbortSignal.any([
    AbortSignal.timeout(ANSWER_WITHIN_MS),
    ...signal ? [signal] : [],
  ]);
  try {
    const answer = await askCommand("docker", [
      "info",
      "--format",
      "{{.ServerVersion}}",
    ], bounded);
    return "missing" in answer ? answer : { command: "docker" };
  } catch (error) {
    signal?.throwIfAborted();
    if (bounded.aborted) {
      return {
        missing: `no Docker engine answers within ${ANSWER_WITHIN_MS} ms`,
      };
    }
    throw error;
  }
}

/** Kafka in containers of this Docker, with the image pulled first if need be. */
export async function dockerWay(
  docker: string,
  log: Log,
  signal?: AbortSignal | undefined,
): Promise<Way> {
  const image = `apache/kafka-native:${kafkaVersion()}`;
  const present = await askCommand(docker, [
    "image",
    "inspect",
    "--format",
    "ok",
    image,
  ], signal);
  if ("missing" in present) await pull(docker, image, log, signal);
  return {
    name: `Docker image ${image}`,
    takesSignals: false,
    plan: (node, voters, clusterId) => {
      const container = `kafka-rpc-${crypto.randomUUID()}`;
      const environment = {
        ...asEnvironment({
          ...nodeSettings(node, voters),
          // Inside the container the client port must be open to the outside of it.
          "listeners":
            `PLAINTEXT://0.0.0.0:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
        }),
        CLUSTER_ID: clusterId,
      };
      return {
        folderPrefix: "kafka-rpc-broker-",
        files: {},
        steps: [[
          docker,
          "run",
          "--rm",
          "--name",
          container,
          "--publish",
          `127.0.0.1:${node.port}:${node.port}`,
          ...Object.entries(environment).flatMap((
            [name, value],
          ) => ["--env", `${name}=${value}`]),
          image,
        ]],
        stop: [docker, "rm", "--force", container],
        graceMs: 10_000,
        forwardLines: false,
      };
    },
  };
}

async function pull(
  docker: string,
  image: string,
  log: Log,
  signal?: AbortSignal | undefined,
): Promise<void> {
  log(`Pulling ${image}.`);
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
  await using pulling = await KeptProcess.start({
    folderPrefix: "kafka-rpc-pull-",
    files: {},
    steps: [[docker, "pull", image]],
    graceMs: 2000,
    forwardLines: true,
  }, { signal, onLine: (line) => log(`  ${line}, ${seconds()} s`, "passing") });
  const exit = await pulling.finished(signal);
  if (exit.code !== 0) {
    throw new Error(
      `Cannot pull ${image}: docker ended with exit code ${exit.code}. ` +
        `Its last lines say why:\n${await pulling.logTail()}`,
    );
  }
  log(`Pulled ${image} (${seconds()} s).`);
}
