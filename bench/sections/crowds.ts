/**
 * The cost of a call where many clients share topics: of the programs, and of the broker, whose
 * processor time is known where the bench has started it.
 *
 * @module
 */
import type { Lane } from "../lanes/lane.ts";
import { measureIdle } from "../lanes/rounds.ts";
import { type LanePlan, startLanes } from "../lanes/start_lanes.ts";
import { Latencies } from "../measuring/latencies.ts";
import { median } from "../measuring/statistics.ts";
import { usageOf } from "../measuring/usage.ts";
import type { FigureName } from "../report/figures.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import { countOf, show } from "../report/text.ts";
import type { SectionPlace } from "./section.ts";

const CROWD = 50;

/** Measures lanes in turn, one call at a time and 50 at a time. */
export async function measureCrowds(
  title: string,
  plans: readonly LanePlan[],
  place: SectionPlace,
): Promise<Omit<Table, "section">> {
  const [rounds, alone, together] = place.quick ? [1, 200, 1_000] : [3, 400, 4_000];
  await using parts = new AsyncDisposableStack();
  const lanes = await startLanes(plans, { ...place, parts });
  const measured = lanes.map((lane) => {
    const row: Row = { name: lane.name, samples: {} };
    sample(row, "firstAnswer", lane.firstAnswerMs);
    return { lane, row, latencies: new Latencies() };
  });
  for (const { lane } of measured) await lane.closed(together, CROWD); // warm
  for (let round = 0; round < rounds; round++) {
    for (const { lane, row, latencies } of measured) {
      const one = { cpu: "closedCpu", broker: "closedBrokerCpu" } as const;
      const times = await costOf(lane, row, one, alone, 1, place);
      latencies.add(times);
      sample(row, "median", median(times));
      const many = { cpu: "crowdCpu", broker: "crowdBrokerCpu" } as const;
      sample(row, "closedMedian", median(await costOf(lane, row, many, together, CROWD, place)));
    }
  }
  for (const { row, latencies } of measured) sample(row, "p99", latencies.at(99));
  await measureIdle(measured, place.quick ? 3_000 : 10_000);
  const each = `${countOf(rounds, "round")} of ${countOf(alone, "call")}, then ${show(together)}`;
  const head = `${title}: ${each}, ${CROWD} at a time`;
  return { title: head, rows: measured.map(({ row }) => row) };
}

/** Makes calls, and notes the processor time of programs and broker. */
async function costOf(
  lane: Lane,
  row: Row,
  names: { readonly cpu: FigureName; readonly broker: FigureName },
  count: number,
  inFlight: number,
  { brokerPids }: SectionPlace,
): Promise<number[]> {
  const [before, broker] = [lane.usage(), usageOf(brokerPids)];
  const times = await lane.closed(count, inFlight);
  const of = (seconds: number) => seconds / count * 1_000;
  sample(row, names.cpu, of(lane.usage().cpuSeconds - before.cpuSeconds));
  if (brokerPids.length > 0) {
    sample(row, names.broker, of(usageOf(brokerPids).cpuSeconds - broker.cpuSeconds));
  }
  return times;
}
