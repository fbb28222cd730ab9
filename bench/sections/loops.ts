/**
 * Raw loops on both Kafka libraries, and calls with each kind of isolation: with both sides in one
 * process, and in two.
 *
 * @module
 */
import type { ContestantName, Kind, Loop } from "../contestants/contestants.ts";
import { type LanePlan, startLanes } from "../lanes/start_lanes.ts";
import {
  burstOf,
  type Measured,
  measureIdle,
  measureMemory,
  measureRounds,
  roundsOf,
} from "../lanes/rounds.ts";
import { sample, type Table } from "../report/results.ts";
import type { SectionPlace } from "./section.ts";

const BOTH: readonly (Kind | Loop)[] = [
  "raw loop",
  "transport",
  "in process",
  "worker",
  "process",
  "eval, realm",
];
const QUICK: readonly ContestantName[] = [
  "raw loop (kafkajs)",
  "transport (kafkajs)",
  "in process (kafkajs)",
  "process (kafkajs)",
  "eval, realm (kafkajs)",
  "raw loop (platformatic)",
  "in process (platformatic)",
];
const ALL: readonly ContestantName[] = [
  ...BOTH.map((kind): ContestantName => `${kind} (kafkajs)`),
  "eval, process (kafkajs)",
  ...BOTH.map((kind): ContestantName => `${kind} (platformatic)`),
];
const SPLIT: readonly ContestantName[] = [
  "raw loop (kafkajs)",
  "in process (kafkajs)",
  "worker (kafkajs)",
  "process (kafkajs)",
  "raw loop (platformatic)",
  "in process (platformatic)",
  "process (platformatic)",
];

const PENDING_CALLS = 1_000;

/** Measures them. */
export async function loops(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const { quick } = place;
  const one = await measure(place, "Client and server in one process", {
    plans: (quick ? QUICK : ALL).map((contestant) => ({ contestant })),
    rounds: quick ? 2 : 3,
    blocks: quick ? 2 : 4,
    burst: quick ? 2_000 : 10_000,
    idleMs: quick ? 5_000 : 20_000,
  });
  if (quick) return [one];
  const two = await measure(place, "Client and server in two processes", {
    plans: SPLIT.map((contestant) => ({ contestant, servers: 1 })),
    rounds: 3,
    blocks: 4,
    burst: 10_000,
    idleMs: 10_000,
  });
  return [one, two];
}

interface LoopsPlan {
  readonly plans: readonly LanePlan[];
  readonly rounds: number;
  readonly blocks: number;
  readonly burst: number;
  readonly idleMs: number;
}

async function measure(
  place: SectionPlace,
  title: string,
  { plans, rounds, blocks, burst, idleMs }: LoopsPlan,
): Promise<Omit<Table, "section">> {
  await using parts = new AsyncDisposableStack();
  const lanes = await startLanes(plans, { ...place, parts });
  const measured = await measureRounds(lanes, { rounds, blocks, burst: burstOf(burst) });
  await measureMemory(measured);
  await measureIdle(measured, idleMs); // before thousands of calls are taken back in some of them
  await measurePending(measured);
  const head = `${title}: ${roundsOf(rounds, blocks, burst)}`;
  return { title: head, rows: measured.map(({ row }) => row) };
}

/** Where both sides are in one process, and the commands too: all of a call is in one heap. */
async function measurePending(measured: readonly Measured[]): Promise<void> {
  for (const { lane, row } of measured) {
    if (!lane.isOneProcess || !lane.name.startsWith("in process")) continue;
    await lane.pendingBytes(PENDING_CALLS); // what stays after the first time is not the calls'
    sample(row, "pending", await lane.pendingBytes(PENDING_CALLS));
  }
}
