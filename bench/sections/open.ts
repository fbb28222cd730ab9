/**
 * Calls at fixed rates, whose latencies count from when a call should have begun.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import { warmUp } from "../lanes/rounds.ts";
import { startLanes } from "../lanes/start_lanes.ts";
import { MAX_PENDING } from "../measuring/calls.ts";
import { Latencies } from "../measuring/latencies.ts";
import { median } from "../measuring/statistics.ts";
import { type Row, sample, type Table } from "../report/results.ts";
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
  const rows: Row[] = [];
  for (const rate of quick ? RATES.slice(1, 2) : RATES) {
    for (const lane of lanes) {
      const count = rate * seconds;
      const before = lane.usage();
      const outcome = await lane.open({ rate, count, maxInFlight: MAX_PENDING });
      const row: Row = { name: `${lane.name}, ${rate}/s`, samples: {} };
      const latencies = new Latencies().add(outcome.latencies);
      sample(row, "rate", rate);
      sample(row, "got", outcome.latencies.length / outcome.took * 1_000);
      sample(row, "openMedian", latencies.at(50));
      sample(row, "openP99", latencies.at(99));
      sample(row, "openP999", latencies.at(99.9));
      sample(row, "late", median(outcome.late));
      sample(row, "failed", outcome.failed);
      sample(row, "cpu", (lane.usage().cpuSeconds - before.cpuSeconds) / count * 1_000);
      rows.push({ ...row, curve: latencies.curve() });
    }
  }
  return [{ title: `Open loop: ${seconds} s at each rate`, rows }];
}
