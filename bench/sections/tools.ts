/**
 * What an operator waits for: `rpc tail` beside calls at a fixed rate, `rpc trace` on long topics,
 * and `rpc doctor`. Each run is a process of its own, from its start to its end.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import type { Lane } from "../lanes/lane.ts";
import { warmUp } from "../lanes/rounds.ts";
import { newTopic, startLane } from "../lanes/start_lanes.ts";
import { MAX_PENDING } from "../measuring/calls.ts";
import { CountedTail, runTool } from "../measuring/tool.ts";
import { usageOf } from "../measuring/usage.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import { countOf, show } from "../report/text.ts";
import { writeLongTopics } from "./long_topics.ts";
import type { SectionPlace } from "./section.ts";

/** Calls a second beside which `rpc tail` runs. */
export const TAIL_RATES: readonly number[] = [1_000, 2_500, 5_000];
/** The row of a rate. */
export const tailRow = (rate: number): string => `tail, ${show(rate)} calls/s`;
/** Calls of the topics that a goal is about; fewer in a quick run. */
const LONG = 1_000_000;
/** The row of a call whose id says nothing, behind all others: every record is read. */
const lastOf = (calls: number) => `trace, a foreign id, the last of ${show(calls)}`;
/** Rows that goals need. */
export const TOOL_ROWS = { doctor: "doctor", trace: lastOf(LONG) } as const;

/** Longest wait for lines that are missing at the end. */
const LATE_MS = 30_000;

/** Measures them. */
export async function tools(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const { quick } = place;
  await using parts = new AsyncDisposableStack();
  const here = { ...place, parts };
  const topic = await newTopic(here);
  const contestant: ContestantName = "in process (kafkajs)";
  const lane = await startLane({ contestant, topic }, here);
  await warmUp([lane], () => 2_000);
  const seconds = quick ? 4 : 10;
  const tails: Row[] = [];
  for (const rate of quick ? TAIL_RATES.slice(1) : TAIL_RATES) {
    tails.push(await besideTail(lane, topic, { rate, count: rate * seconds }, place));
  }
  const calls = quick ? LONG / 10 : LONG;
  const long = await writeLongTopics(calls, here);
  const rounds = quick ? 3 : 5;
  const runs = [
    { name: TOOL_ROWS.doctor, args: ["doctor", "--topic", topic] },
    {
      name: `trace, an id of this package, of ${show(calls)}`,
      args: ["trace", long.middle, "--topic", long.topic],
    },
    { name: lastOf(calls), args: ["trace", long.last, "--topic", long.topic] },
  ].map((run) => ({ ...run, row: { name: run.name, samples: {} } satisfies Row }));
  for (let round = 0; round < rounds; round++) {
    for (const { name, args, row } of runs) {
      const before = usageOf([Deno.pid]).cpuSeconds;
      const { seconds, value } = await runTool(args, place);
      if (value["ok"] !== true && value["state"] !== "answered") {
        throw new Error(`${name}: ${JSON.stringify(value)}`);
      }
      sample(row, "took", seconds);
      // All else below this process is idle, and what has ended counts as its own.
      sample(row, "runCpu", usageOf([Deno.pid]).cpuSeconds - before);
    }
  }
  return [
    { title: `rpc tail beside calls in process, ${seconds} s at each rate`, rows: tails },
    {
      title: `rpc doctor, and rpc trace of one call of so many: ${countOf(rounds, "run")}`,
      rows: runs.map(({ row }) => row),
    },
  ];
}

/** Makes calls at a rate while a tail follows them. */
async function besideTail(
  lane: Lane,
  topic: string,
  { rate, count }: { readonly rate: number; readonly count: number },
  place: SectionPlace,
): Promise<Row> {
  await using tail = await CountedTail.start(topic, place);
  const before = usageOf([tail.pid]);
  const { latencies, failed, took } = await lane.open({ rate, count, maxInFlight: MAX_PENDING });
  const ended = performance.now();
  await tail.until(count, LATE_MS);
  const row: Row = { name: tailRow(rate), samples: {} };
  sample(row, "rate", rate);
  sample(row, "got", latencies.length / took * 1_000);
  sample(row, "failed", failed);
  sample(row, "shown", tail.lines / count * 100);
  sample(row, "behind", Math.max(0, tail.latestAt - ended));
  sample(row, "toolCpu", (usageOf([tail.pid]).cpuSeconds - before.cpuSeconds) / count * 1_000);
  return row;
}
