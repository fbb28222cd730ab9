/**
 * Judges a row of the fault matrix: makes calls while something breaks, and checks for each of
 * them that it settled once, in time, with the right answer or a typed error that has an excuse.
 *
 * @module
 */
import { libraryUnderTest } from "../library_under_test.ts";
import { assertEquals } from "@std/assert";
import { connect, type ServeOptions, stderrLogger } from "@kafka-rpc/deno";
import { Child, type ChildOptions } from "./child.ts";
import { createTopics, lagOf } from "./cluster_admin.ts";
import type { ServerSetup } from "./fixtures/server.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { Load } from "./load.ts";
import { logFaults } from "./log_lines.ts";
import { lineOf, type Report } from "./report.ts";
import { type Row, Scene } from "./row.ts";
import { usage } from "./usage.ts";
import { conclude, outcomeFaults } from "./verdict.ts";
import type { Execution } from "./work.ts";

const GIVE_UP_MS = 40_000;
/** The lag, file descriptors and memory must be back where they were within this time. */
const BACK_WITHIN_MS = 15_000;
/** Megabytes of resident memory that a run may leave: V8 keeps pages of a busy time for later. */
const RSS_MB = 100;

/** Runs a row, prints its line, and fails where a promise was not kept. */
export async function judge(row: Row): Promise<void> {
  const report = await run(row);
  console.log(lineOf(report));
  assertEquals(report.faults, []);
}

async function run(row: Row): Promise<Report> {
  const { brokers, partitions = 4 } = row;
  const topic = `faults-${crypto.randomUUID().slice(0, 8)}`;
  const executions = await Deno.makeTempFile({ prefix: "kafka-rpc-faults-" });
  if (row.prepared ?? true) await createTopics(brokers, [topic, `${topic}_results`], partitions);
  const before = usage();
  await row.before?.();
  const options: ServeOptions = { brokers, topic, clientId: "server", ...row.serve };
  const setup: ServerSetup = { options, executions, tells: row.tells ?? false };
  const start = (options?: ChildOptions) => new Child("server.ts", setup, options);
  const first = Array.from({ length: row.servers ?? 1 }, () => start());
  const clientLog = new RecordingLogger();
  const logger = debugLogger();
  const [client] = await Promise.all([
    connect({
      brokers,
      topic,
      library: libraryUnderTest,
      clientId: "client",
      logger: logger ?? clientLog,
      ...row.connect,
    }),
    ...first.map((server) => server.said("ready")),
    row.atStart?.(),
  ]);
  const load = new Load(client, { perSecond: 60, timeoutMs: 20_000, ...row.load });
  const scene = new Scene(client, load, { clientLog, topic, brokers, start });
  scene.servers.push(...first);
  try {
    try {
      await play(row, scene);
    } catch (error) {
      // The figures are worth having all the same.
      scene.faults.push(error instanceof Error ? error.message : String(error));
    }
    const faults = [...scene.faults, ...outcomeFaults(row, scene), ...logFaults(row, scene)];
    const lag = (row.lag ?? true) ? await untilZero(() => lagOf(brokers, topic)) : 0;
    if (lag !== 0) faults.push(`the lag stays at ${lag}`);
    const { pending, replies } = client.counts;
    if (pending !== 0) faults.push(`${pending} calls are still pending`);
    const answered = load.outcomes.filter(({ status, stage }) =>
      status === "ok" || status === "wrong" || stage === "remote"
    ).length;
    await close(scene);
    const left = await untilZero(() =>
      Promise.resolve(Math.max(0, usage().fds - before.fds))
    );
    if (left !== 0) faults.push(`${left} file descriptors are left open`);
    // V8 gives pages back some time after it has collected what was in them.
    const grown = () => Math.round((usage().rss - before.rss) / 1e6);
    const { leavesMb = RSS_MB } = row;
    await untilZero(() => Promise.resolve(Math.max(0, grown() - leavesMb)));
    if (grown() > leavesMb) faults.push(`${grown()} MB of resident memory are left`);
    scene.notes.push(`rss ${grown() >= 0 ? "+" : ""}${grown()} MB`);
    const ran = await readExecutions(executions);
    faults.push(...row.examine?.(scene, ran) ?? []);
    return conclude(row, scene, { faults, ran, double: Math.max(0, replies - answered) });
  } finally {
    await close(scene);
    await Deno.remove(executions);
  }
}

/** The calls: some before the fault, all through it, and some after it. */
async function play(row: Row, scene: Scene): Promise<void> {
  const { load, times } = scene;
  load.start();
  try {
    await load.succeeded(20, 0, GIVE_UP_MS);
    times.begun = performance.now();
    await row.fault(scene);
    if (times.healed === Infinity) scene.healed();
    await load.succeeded(30, times.healed, GIVE_UP_MS);
    await load.until(() => load.begun >= (row.calls ?? 300), GIVE_UP_MS);
  } finally {
    load.stop();
  }
  await load.settled();
}

async function readExecutions(file: string): Promise<Execution[]> {
  const lines = (await Deno.readTextFile(file)).split("\n");
  return lines.filter(Boolean).map((line) => JSON.parse(line));
}

async function close({ client, servers }: Scene): Promise<void> {
  await client.close();
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
}

/** Looks again and again, until there is nothing left or no time. */
async function untilZero(look: () => Promise<number | undefined>): Promise<number | undefined> {
  const end = performance.now() + BACK_WITHIN_MS;
  while (true) {
    const left = await look();
    if (left === 0 || performance.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function debugLogger() {
  const isOn = Deno.env.get("KAFKA_RPC_FAULTS_LOG") === "debug";
  return isOn ? stderrLogger("debug") : undefined;
}
