/**
 * Lanes at fixed rates, whose latencies count from when a call should have begun.
 *
 * @module
 */
import { MAX_PENDING } from "../measuring/calls.ts";
import { Latencies } from "../measuring/latencies.ts";
import { median } from "../measuring/statistics.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import { show } from "../report/text.ts";
import type { Lane } from "./lane.ts";

/** Measures them, a rate after the other, the lanes in turn. */
export async function measureRates(
  lanes: readonly Lane[],
  rates: readonly number[],
  seconds: number,
): Promise<Omit<Table, "section">> {
  const rows: Row[] = [];
  for (const rate of rates) {
    for (const lane of lanes) rows.push(await measureRate(lane, rate, rate * seconds));
  }
  return { title: `Open loop: ${seconds} s at each rate`, rows };
}

async function measureRate(lane: Lane, rate: number, count: number): Promise<Row> {
  const before = lane.usage();
  const outcome = await lane.open({ rate, count, maxInFlight: MAX_PENDING });
  const row: Row = { name: `${lane.name}, ${show(rate)}/s`, samples: {} };
  const latencies = new Latencies().add(outcome.latencies);
  sample(row, "rate", rate);
  sample(row, "got", outcome.latencies.length / outcome.took * 1_000);
  sample(row, "openMedian", latencies.at(50));
  sample(row, "openP99", latencies.at(99));
  sample(row, "openP999", latencies.at(99.9));
  sample(row, "late", median(outcome.late));
  sample(row, "failed", outcome.failed);
  sample(row, "cpu", (lane.usage().cpuSeconds - before.cpuSeconds) / count * 1_000);
  return { ...row, curve: latencies.curve() };
}
