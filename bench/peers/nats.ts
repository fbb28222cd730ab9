/**
 * Request and reply of NATS, from Node. Its server comes from PATH, or is built once by Go.
 *
 * @module
 */
import { KeptProcess } from "../../tools/kept_process.ts";
import { cacheFolder, exists } from "../../tools/kafka/jars.ts";
import { runCommand } from "./commands.ts";
import { installNode, nodeProgram } from "./node.ts";
import { MissingError, type Peer } from "./peer.ts";
import manifest from "./nats/package.json" with { type: "json" };

const FOLDER = new URL("./nats/", import.meta.url);
const SERVER_VERSION = "2.15.3";
const SERVER_MODULE = `github.com/nats-io/nats-server/v2@v${SERVER_VERSION}`;
const HOST = "127.0.0.1";
const START_MS = 10_000;
const LOOK_MS = 20;

/** NATS has no log: nothing lingers, and nothing is acknowledged. */
export const nats: Peer = async ({ signal, parts }) => {
  const node = await installNode(FOLDER, signal);
  const command = await serverCommand(signal);
  const version = await runCommand([command, "--version"], { signal });
  const address = await startServer(command, signal, parts);
  const client = "@nats-io/transport-node";
  return {
    versions: {
      Node: node,
      "nats-server": version.replace(/^nats-server: v/, ""),
      [client]: manifest.dependencies[client],
    },
    lanes: [{
      name: "NATS",
      settings: "no linger, no acks",
      program: (topic) => nodeProgram(FOLDER, [address, topic]),
    }],
  };
};

/** The command of a server: one in PATH, else one that Go builds once. */
async function serverCommand(signal: AbortSignal): Promise<string> {
  try {
    await runCommand(["nats-server", "--version"], { signal });
    return "nats-server";
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
  }
  const folder = `${cacheFolder()}/kafka-rpc-deno/nats-server-${SERVER_VERSION}`;
  const command = `${folder}/nats-server${Deno.build.os === "windows" ? ".exe" : ""}`;
  if (await exists(command)) return command;
  try {
    await runCommand(["go", "install", SERVER_MODULE], { env: { GOBIN: folder }, signal });
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    throw new MissingError(
      `there is no nats-server in PATH, and it can't be built: ${error.message}`,
    );
  }
  return command;
}

/** Starts a server that ends with the run; resolves with its address when it takes connections. */
async function startServer(
  command: string,
  signal: AbortSignal,
  parts: AsyncDisposableStack,
): Promise<string> {
  const port = freePort();
  const server = parts.use(
    await KeptProcess.start({
      folderPrefix: "kafka-rpc-nats-",
      files: {},
      steps: [[command, "--addr", HOST, "--port", String(port)]],
      graceMs: 2_000,
      forwardLines: false,
    }, { signal }),
  );
  const exited = server.exited.then(() => true);
  const until = performance.now() + START_MS;
  while (!await isListening(port)) {
    const pause = new Promise<false>((resolve) => setTimeout(resolve, LOOK_MS, false));
    if (await Promise.race([exited, pause]) || performance.now() > until) {
      throw new MissingError(`nats-server takes no connections:\n${await server.logTail()}`);
    }
    signal.throwIfAborted();
  }
  return `${HOST}:${port}`;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: HOST, port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
