/**
 * What this package does, in a few calls: a server in one process, a client in this one, Kafka
 * between them. `deno task demo` finds or starts the broker and runs this. Where there is none,
 * KAFKA_RPC_DEMO_MEMORY=1 puts both sides into this process.
 *
 * @module
 */
import { type Client, connect, RpcError, serve, stderrLogger } from "@kafka-rpc/deno";
import type { Transport } from "@kafka-rpc/deno/transport";
import { MemoryBroker } from "@kafka-rpc/deno/memory";
import type { Calculator } from "../examples/shared_types.ts";
import { Interrupted, onInterruption } from "./launch/interruption.ts";
import { LineProcess } from "./line_process.ts";
import { removeTopics, scratchTopic } from "./scratch_topics.ts";

const ROOT = new URL("..", import.meta.url).href;
const CALLS = 100;
/** Seconds for as many calls in the article that the idea is from, on its machine. */
const ARTICLE_SECONDS = 0.317;

const show = (line: string) => console.log(line);
const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(3);

/** Sets everything up, shows it, and takes it down again, whatever happens in between. */
async function demo(signal: AbortSignal): Promise<void> {
  const topic = scratchTopic("demo");
  await using parts = new AsyncDisposableStack();
  const transport = Deno.env.get("KAFKA_RPC_DEMO_MEMORY") === "1"
    ? await serveInMemory(parts, topic)
    : await serveOnKafka(parts, topic, signal);
  const began = performance.now();
  const client = parts.use(await connect<Calculator>({ topic, transport, signal }));
  show(`The client is this process, ${Deno.pid}. It was connected in ${seconds(began)} s.\n`);
  await showCalls(client);
}

/** Both sides in this process: the same code, without a broker. */
async function serveInMemory(parts: AsyncDisposableStack, topic: string): Promise<Transport> {
  show("No Kafka: server and client share this process, and records stay in its memory.");
  const broker = new MemoryBroker();
  const commands = new URL("examples/commands.ts", ROOT);
  const logger = stderrLogger("error");
  const transport = broker.transport();
  parts.use(await serve({ commands, evaluate: true, topic, transport, logger }));
  return broker.transport();
}

/** The server in a process of its own, and the topics for both. */
async function serveOnKafka(
  parts: AsyncDisposableStack,
  topic: string,
  signal: AbortSignal,
): Promise<undefined> {
  const brokers = (Deno.env.get("KAFKA_BROKERS") ?? "127.0.0.1:9092").split(",");
  show(`Kafka at ${brokers}. Topics of this run: ${topic} and ${topic}_results.`);
  let ready = false;
  parts.defer(async () => {
    const problem = await removeTopics(brokers, topic);
    // A server that never was ready has said why; then there may be nothing to remove.
    if (ready && problem !== undefined) show(`The topics could not be removed: ${problem}`);
  });
  const began = performance.now();
  const program = [...serverPermissions(brokers), "tools/demo_server.ts", topic];
  const server = parts.use(LineProcess.ofProject(program, { signal }));
  await server.answer();
  ready = true;
  show(`The server is process ${server.pid}. It was ready in ${seconds(began)} s.`);
}

/** What a server may do: read a few variables, talk to the brokers, start sandboxes. */
function serverPermissions(brokers: readonly string[]): string[] {
  return [
    "--no-prompt",
    "--allow-env=KAFKA_BROKERS",
    `--allow-net=${brokers}`,
    `--allow-run=${Deno.execPath()}`,
  ];
}

/** The calls themselves. */
async function showCalls(client: Client<Calculator>): Promise<void> {
  show('await client.call("eval", "1 + 1")');
  show(`  → ${await client.call("eval", "1 + 1")}`);

  show('await client.call("add", { a: 1, b: 2 })        // typed: a number');
  const sum: number = await client.call("add", { a: 1, b: 2 });
  show(`  → ${sum}`);

  show('await client.call("divide", { a: 1, b: 0 })     // the command throws a RangeError');
  try {
    await client.call("divide", { a: 1, b: 0 });
  } catch (error) {
    if (!(error instanceof RpcError) || error.code === "canceled") throw error;
    const frame = error.stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "    no stack";
    show(`  → RpcError, code "${error.code}": ${error.message}`);
    show(`   ${frame.trimEnd().slice(3).replaceAll(ROOT, "")}     the line above that called`);
  }

  for (const which of ["The first", "The next"]) {
    const adding = performance.now();
    for (let a = 0; a < CALLS; a++) await client.call("add", { a, b: 1 });
    show(`${which} ${CALLS} calls of add, one after the other: ${seconds(adding)} s`);
  }
  const evaluating = performance.now();
  for (let a = 0; a < CALLS; a++) await client.call("eval", `${a} + 1`);
  show(`${CALLS} calls of eval, each in a realm of its own: ${seconds(evaluating)} s`);
  show(
    `(${ARTICLE_SECONDS} s for ${CALLS} calls: the figure of the article that README.md names.)\n`,
  );
}

if (import.meta.main) {
  const signal = onInterruption(() => Deno.exit(130));
  try {
    await demo(signal);
    show("Stopped the client and the server.");
  } catch (error) {
    if (signal.reason instanceof Interrupted) {
      console.error("Interrupted. Everything is stopped.");
      Deno.exit(signal.reason.exitCode);
    }
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
  Deno.exit(); // the listeners of signals would keep the process alive
}
