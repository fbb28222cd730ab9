/**
 * What partitions cost: CPU of a call with one client and with many on one results topic, idle CPU
 * of programs and broker, and how long topics and the first answer take. It decides the numbers in
 * `src/transport/topic_shapes.ts`. On a broker of its own, because that one's CPU is measured too:
 *
 *     deno task broker --port 9092
 *     KAFKA_BROKERS=127.0.0.1:9092 deno run -A bench/crowd.ts --broker-pid PID 1 1x50 1:16x50
 *
 * A number is of both topics; `12:16` means 12 of commands and 16 of results, `12:16x50` with 50
 * clients. Rounds of all of them alternate.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { LineProcess } from "../tools/line_process.ts";
import { Kafka, logLevel } from "../tools/quiet_kafkajs.ts";
import { removeTopics, scratchTopic } from "../tools/scratch_topics.ts";
import { median } from "./measure.ts";
import { cpuSecondsOf, type Usage } from "./usage.ts";

const CROWD = 50;
const CALLS = 400;
const IDLE_MS = 10_000;

interface Place {
  readonly brokers: string[];
  readonly brokerPid: number;
  readonly parts: AsyncDisposableStack;
}

interface Lane {
  readonly name: string;
  readonly child: LineProcess;
  readonly start: {
    readonly created: number;
    readonly createCpu: number;
    readonly servedMs: number;
    readonly firstAnswerMs: number;
  };
  readonly alone: Cost[];
  readonly atOnce: Cost[];
  /** Of each call of `alone`. */
  readonly milliseconds: number[];
  idle: number;
}

interface Plan {
  readonly name: string;
  readonly commands: number;
  readonly results: number;
}

/** CPU seconds of programs and broker while something is done. */
interface Cost {
  readonly programs: number;
  readonly broker: number;
  readonly seconds: number;
}

function planOf(text: string): Plan {
  const [commands = NaN, results = commands] = text.split(":").map(Number);
  if (!(commands > 0 && results > 0)) throw new Error(`"${text}" is no number of partitions`);
  return { name: text, commands, results };
}

async function costOf(
  child: LineProcess,
  brokerPid: number,
  work: () => Promise<unknown>,
): Promise<Cost> {
  const usage = async () => (JSON.parse(await child.ask("usage")) as Usage).cpuSeconds;
  const [began, before, broker] = [performance.now(), await usage(), cpuSecondsOf(brokerPid)];
  await work();
  return {
    programs: await usage() - before,
    broker: cpuSecondsOf(brokerPid) - broker,
    seconds: (performance.now() - began) / 1_000,
  };
}

async function createMs(brokers: string[], topic: string, plan: Plan): Promise<number> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const began = performance.now();
  const topics = [
    { topic, numPartitions: plan.commands },
    { topic: `${topic}_results`, numPartitions: plan.results },
  ];
  await admin.createTopics({ topics, waitForLeaders: true });
  const took = performance.now() - began;
  await admin.disconnect();
  return took;
}

/** A server and its clients, ready to be measured. */
async function start(plan: Plan, clients: number, place: Place): Promise<Lane> {
  const { brokers, brokerPid, parts } = place;
  const topic = scratchTopic("crowd");
  parts.defer(async () => void await removeTopics(brokers, topic));
  const before = cpuSecondsOf(brokerPid);
  const created = await createMs(brokers, topic, plan);
  const createCpu = cpuSecondsOf(brokerPid) - before;
  const args = ["-A", "bench/crowd_process.ts", topic, String(clients)];
  const child = parts.use(LineProcess.ofProject(args));
  const { servedMs, firstAnswerMs } = JSON.parse(await child.answer());
  await child.ask(`closed ${CALLS} ${CROWD}`); // warm
  const start = { created, createCpu, servedMs, firstAnswerMs };
  return {
    name: `${plan.name} × ${clients}`,
    child,
    start,
    alone: [],
    atOnce: [],
    milliseconds: [],
    idle: 0,
  };
}

/** Rounds of all lanes alternate, so that a noisy moment of the machine hits all of them. */
async function measure(lanes: readonly Lane[], rounds: number, { brokerPid }: Place) {
  for (let round = 0; round < rounds; round++) {
    for (const { child, alone, atOnce, milliseconds } of lanes) {
      const close = (inFlight: number) => child.ask(`closed ${CALLS} ${inFlight}`);
      alone.push(
        await costOf(child, brokerPid, async () => {
          milliseconds.push(...JSON.parse(await close(1)) as number[]);
        }),
      );
      atOnce.push(await costOf(child, brokerPid, () => close(CROWD)));
    }
  }
  for (const lane of lanes) {
    const wait = () => new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const { programs, seconds } = await costOf(lane.child, brokerPid, wait);
    lane.idle = programs / seconds;
  }
}

/** One line of figures; those of calls are CPU seconds a 1 000 of them, of programs and broker. */
function line({ name, start, alone, atOnce, milliseconds, idle }: Lane): string {
  const pair = (costs: readonly Cost[]) => {
    const of = (pick: (cost: Cost) => number) =>
      (median(costs.map(pick)) * 1_000 / CALLS).toFixed(2);
    return `${of(({ programs }) => programs)} + ${of(({ broker }) => broker)}`;
  };
  return [
    name.padEnd(10),
    `one at a time ${pair(alone)}, ${median(milliseconds).toFixed(1)} ms each`,
    `${CROWD} at a time ${pair(atOnce)}`,
    `idle ${(100 * idle).toFixed(2)} %`,
    `created in ${start.created.toFixed(0)} ms (${start.createCpu.toFixed(2)} s CPU)`,
    `serving ${start.servedMs.toFixed(0)} ms, first answer ${start.firstAnswerMs.toFixed(0)} ms`,
  ].join("   ");
}

async function main(): Promise<void> {
  const brokers = (Deno.env.get("KAFKA_BROKERS") ?? "127.0.0.1:9092").split(",");
  const { values, positionals } = parseArgs({
    args: Deno.args,
    options: { "broker-pid": { type: "string" }, rounds: { type: "string", default: "3" } },
    allowPositionals: true,
  });
  await using parts = new AsyncDisposableStack();
  const place = { brokers, brokerPid: Number(values["broker-pid"]), parts };
  const lanes: Lane[] = [];
  for (const text of positionals) {
    const [plan = "", clients = "1"] = text.split("x");
    lanes.push(await start(planOf(plan), Number(clients), place));
  }
  await measure(lanes, Number(values.rounds), place);
  console.log("CPU seconds a 1 000 calls: programs + broker; median of the rounds.");
  for (const lane of lanes) console.log(line(lane));
}

if (import.meta.main) await main();
