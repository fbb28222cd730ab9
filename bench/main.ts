/**
 * What a call costs beside a raw loop on the same Kafka client and broker. `deno task bench` finds
 * or starts the broker and runs this; `--quick` makes it shorter, and its figures rougher.
 *
 * Rounds of the contestants alternate, so that a noisy moment of the machine hits all of them.
 *
 * @module
 */
import { Interrupted, onInterruption } from "../tools/launch/interruption.ts";
import { removeTopics, scratchTopic } from "../tools/scratch_topics.ts";
import { CONTESTANTS } from "./contestants.ts";
import { Lane } from "./lane.ts";
import { type Figures, noFigures, table } from "./report.ts";

/** One table of figures. */
interface Plan {
  /** Its heading. */
  readonly title: string;
  /** Whether the side that answers has a process of its own. */
  readonly split: boolean;
  readonly rounds: number;
  /** Blocks of 100 calls in a round, one after the other. */
  readonly blocks: number;
  /** Calls of a round, all at once. */
  readonly burst: number;
}

/** As many as the article made, one after the other. */
const BLOCK_CALLS = 100;
const WARM_UP_CALLS = 200;
const WARM_UP_BURST = 2_000;
const ONE = { title: "Client and server in one process", split: false };
const TWO = { title: "Client and server in two processes", split: true };
const FULL: readonly Plan[] = [
  { ...ONE, rounds: 3, blocks: 4, burst: 10_000 },
  { ...TWO, rounds: 2, blocks: 6, burst: 2_000 },
];
const QUICK: readonly Plan[] = [{ ...ONE, rounds: 2, blocks: 2, burst: 2_000 }];

/** Runs the rounds of all contestants. */
async function measure(plan: Plan, brokers: string[], signal: AbortSignal): Promise<Figures[]> {
  await using parts = new AsyncDisposableStack();
  const lanes: Lane[] = [];
  for (const name of Object.keys(CONTESTANTS)) {
    const topic = scratchTopic("bench");
    parts.defer(async () => void await removeTopics(brokers, topic));
    lanes.push(parts.use(await Lane.start(name, topic, plan.split, signal)));
  }
  for (const lane of lanes) {
    await lane.sequential(WARM_UP_CALLS);
    await lane.burst(WARM_UP_BURST);
  }
  const measured = lanes.map((lane) => ({ lane, figures: noFigures(lane.name) }));
  for (let round = 0; round < plan.rounds; round++) {
    for (let block = 0; block < plan.blocks; block++) {
      for (const { lane, figures } of measured) {
        figures.blocks.push(await lane.sequential(BLOCK_CALLS));
      }
    }
    for (const { lane, figures } of measured) {
      const before = await lane.usage();
      figures.burstMs.push(await lane.burst(plan.burst));
      const after = await lane.usage();
      figures.burstCpuSeconds.push(after.cpuSeconds - before.cpuSeconds);
      figures.residentBytes = after.residentBytes;
    }
  }
  return measured.map(({ figures }) => figures);
}

async function main(signal: AbortSignal): Promise<void> {
  const brokers = (Deno.env.get("KAFKA_BROKERS") ?? "127.0.0.1:9092").split(",");
  const began = performance.now();
  console.log(
    `Kafka at ${brokers}; Deno ${Deno.version.deno}; ${navigator.hardwareConcurrency} cores.\n` +
      "A figure is the median of the blocks or bursts, with the best one in brackets.",
  );
  for (const plan of Deno.args.includes("--quick") ? QUICK : FULL) {
    const { title, rounds, blocks, burst } = plan;
    const calls = `${blocks} × ${BLOCK_CALLS} calls`;
    console.log(`\n${title}: ${rounds} rounds of ${calls}, then ${burst} at once`);
    console.log(table(await measure(plan, brokers, signal), burst));
  }
  console.log(`\n${Math.round((performance.now() - began) / 1000)} s in all.`);
}

if (import.meta.main) {
  const signal = onInterruption(() => Deno.exit(130));
  try {
    await main(signal);
  } catch (error) {
    if (signal.reason instanceof Interrupted) Deno.exit(signal.reason.exitCode);
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
  Deno.exit(); // the listeners of signals would keep the process alive
}
