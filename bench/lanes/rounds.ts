/**
 * Rounds of all lanes alternate, so that a noisy moment of the machine hits all of them.
 *
 * @module
 */
import { Latencies } from "../measuring/latencies.ts";
import { median } from "../measuring/statistics.ts";
import { type Row, sample } from "../report/results.ts";
import { countOf, show } from "../report/text.ts";
import type { Lane } from "./lane.ts";

/** What is done with each lane. */
export interface RoundsPlan {
  readonly rounds: number;
  /** Blocks of {@linkcode BLOCK_CALLS} calls, one after the other, in a round. */
  readonly blocks: number;
  /** Calls of a burst. */
  readonly burst: (lane: string) => number;
  /** What else is measured in turn. */
  readonly afterRound?: () => Promise<void>;
}

/** A lane and what was found. */
export interface Measured {
  readonly lane: Lane;
  readonly row: Row;
}

/** As many as the article made. */
export const BLOCK_CALLS = 100;
/** An expression in a child of its own takes a process. */
const SLOW_BURST = 20;

/** Calls of a burst, by the name of the lane. */
export const burstOf = (burst: number) => (lane: string): number =>
  lane.startsWith("eval, process") ? SLOW_BURST : burst;

/** What rounds of {@linkcode measureRounds} are, for the title of a table. */
export function roundsOf(rounds: number, blocks: number, burst: number): string {
  return `${countOf(rounds, "round")} of ${blocks} × ${BLOCK_CALLS} calls, then ${
    show(burst)
  } at once`;
}

const WARM_UP_BURST = 2_000;

/** Brings code to its final speed. */
export async function warmUp(lanes: readonly Lane[], burst: RoundsPlan["burst"]): Promise<void> {
  for (const lane of lanes) {
    await lane.closed(BLOCK_CALLS, 1);
    await lane.burst(Math.min(WARM_UP_BURST, burst(lane.name)));
  }
}

/** Measures calls one after the other and at once, and what they take. */
export async function measureRounds(
  lanes: readonly Lane[],
  plan: RoundsPlan,
): Promise<Measured[]> {
  await warmUp(lanes, plan.burst);
  const measured = lanes.map((lane) => {
    const row: Row = { name: lane.name, samples: {} };
    sample(row, "firstAnswer", lane.firstAnswerMs);
    return { lane, row, latencies: new Latencies() };
  });
  for (let round = 0; round < plan.rounds; round++) {
    const blocks = measured.map(() => [] as number[][]);
    for (let block = 0; block < plan.blocks; block++) {
      for (const [index, { lane }] of measured.entries()) {
        blocks[index]!.push(await lane.closed(BLOCK_CALLS, 1));
      }
    }
    for (const [index, { lane, row, latencies }] of measured.entries()) {
      const times = blocks[index]!;
      latencies.add(times.flat());
      sample(row, "median", median(times.flat()));
      const sums = times.map((block) => block.reduce((sum, time) => sum + time, 0) / 1_000);
      sample(row, "hundred", median(sums));
      await measureBurst(lane, row, plan.burst(lane.name));
    }
    await plan.afterRound?.();
  }
  return measured.map(({ lane, row, latencies }) => {
    sample(row, "p99", latencies.at(99));
    return { lane, row: { ...row, curve: latencies.curve() } };
  });
}

async function measureBurst(lane: Lane, row: Row, count: number): Promise<void> {
  const before = lane.usage();
  const took = await lane.burst(count);
  sample(row, "burst", count / took * 1_000);
  sample(row, "cpu", (lane.usage().cpuSeconds - before.cpuSeconds) / count * 1_000);
}

/** What lanes take while nobody calls: all wait at the same time. */
export async function measureIdle(
  measured: readonly Measured[],
  milliseconds: number,
): Promise<void> {
  const before = measured.map(({ lane }) => lane.usage().cpuSeconds);
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const seconds = (performance.now() - began) / 1_000;
  for (const [index, { lane, row }] of measured.entries()) {
    sample(row, "idle", 100 * (lane.usage().cpuSeconds - before[index]!) / seconds);
  }
}

/** What lanes keep in memory after a garbage collection. */
export async function measureMemory(measured: readonly Measured[]): Promise<void> {
  for (const { lane, row } of measured) {
    sample(row, "heap", await lane.heapBytes() / 1e6);
    sample(row, "resident", lane.usage().residentBytes / 1e6);
  }
}
