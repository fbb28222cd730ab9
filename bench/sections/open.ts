/**
 * Calls at fixed rates, whose latencies count from when a call should have begun.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import { measureRates } from "../lanes/rates.ts";
import { warmUp } from "../lanes/rounds.ts";
import { startLanes } from "../lanes/start_lanes.ts";
import type { Table } from "../report/results.ts";
import type { SectionPlace } from "./section.ts";

const CONTESTANTS: readonly ContestantName[] = [
  "raw loop (kafkajs)",
  "in process (kafkajs)",
  "process (kafkajs)",
  "eval, realm (kafkajs)",
  "in process (platformatic)",
];
const RATES = [200, 1_000, 5_000];

/** Measures them, a rate after the other, the contestants in turn. */
export async function open(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const { quick } = place;
  const seconds = quick ? 3 : 8;
  await using parts = new AsyncDisposableStack();
  const contestants = quick ? CONTESTANTS.slice(1, 3) : CONTESTANTS;
  const lanes = await startLanes(contestants.map((contestant) => ({ contestant })), {
    ...place,
    parts,
  });
  await warmUp(lanes, () => 2_000);
  return [await measureRates(lanes, quick ? RATES.slice(1, 2) : RATES, seconds)];
}
