/**
 * Ratios and figures that this project has set itself, and what a run measured of them.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import { median, ratioOf } from "../measuring/statistics.ts";
import { REALMS_ALONE } from "../sections/expressions.ts";
import { WAIT_OVER_KAFKA } from "../sections/sandboxes.ts";
import { STREAM_ROWS } from "../sections/streams.ts";
import { TELEMETRY_ROWS } from "../sections/telemetry.ts";
import { TAIL_RATES, tailRow, TOOL_ROWS } from "../sections/tools.ts";
import { VALIDATION_ROWS } from "../sections/validation.ts";
import type { FigureName } from "./figures.ts";
import type { Goal, Row, Table } from "./results.ts";
import { show } from "./text.ts";

/** One figure: how it is computed from the samples of rows, and what it should be. */
interface Aim {
  readonly figure: string;
  /** Sections whose tables hold the rows. */
  readonly section: string;
  readonly measure: (samples: SamplesOf) => number;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit?: string;
}

/** Samples of a row; none where the run has no such row. */
type SamplesOf = (row: string, figure: FigureName) => readonly number[];

const IN_PROCESS: ContestantName = "in process (kafkajs)";
const PROCESS: ContestantName = "process (kafkajs)";
const RAW: ContestantName = "raw loop (kafkajs)";
const TRANSPORT: ContestantName = "transport (kafkajs)";
const SECOND: ContestantName = "in process (platformatic)";
const EVAL: ContestantName = "eval, realm (kafkajs)";
/** The row that others are compared with, of the peers. */
export const SPRING = "Spring, tuned";

const AIMS: readonly Aim[] = [
  {
    figure: "burst in process ÷ raw loop on the same client (kafkajs)",
    section: "loops",
    measure: (of) => ratioOf(of(IN_PROCESS, "burst"), of(RAW, "burst")),
    atLeast: 0.6,
  },
  {
    figure: "burst in process ÷ loop over this package's transport (kafkajs)",
    section: "loops",
    measure: (of) => ratioOf(of(IN_PROCESS, "burst"), of(TRANSPORT, "burst")),
    atLeast: 0.6,
  },
  {
    figure: "burst in process on the second library ÷ Spring warm",
    section: "peers",
    measure: (of) => ratioOf(of(SECOND, "burst"), of(SPRING, "burst")),
    atLeast: 2,
  },
  {
    figure: "burst process sandbox ÷ Spring warm",
    section: "peers",
    measure: (of) => ratioOf(of(PROCESS, "burst"), of(SPRING, "burst")),
    atLeast: 0.5,
  },
  {
    figure: "burst process sandbox ÷ in process",
    section: "loops",
    measure: (of) => ratioOf(of(PROCESS, "burst"), of(IN_PROCESS, "burst")),
    atLeast: 0.5,
  },
  {
    figure: "median in process ÷ raw loop on the same client (kafkajs)",
    section: "loops",
    measure: (of) => ratioOf(of(IN_PROCESS, "median"), of(RAW, "median")),
    atMost: 1.15,
  },
  {
    figure: "median in process ÷ loop over this package's transport (kafkajs)",
    section: "loops",
    measure: (of) => ratioOf(of(IN_PROCESS, "median"), of(TRANSPORT, "median")),
    atMost: 1.15,
  },
  {
    figure: "median process sandbox − in process",
    section: "loops",
    measure: (of) => differenceOf(of(PROCESS, "median"), of(IN_PROCESS, "median")),
    atMost: 0.2,
    unit: "ms",
  },
  {
    figure: "100 eval ÷ 100 add in process, one after the other",
    section: "expressions",
    measure: (of) => ratioOf(of(EVAL, "hundred"), of(IN_PROCESS, "hundred")),
    atMost: 1.5,
  },
  {
    figure: "100 eval, one after the other",
    section: "expressions",
    measure: (of) => median(of(EVAL, "hundred")),
    atMost: 0.317,
    unit: "s",
  },
  {
    figure: "eval burst ÷ two children that only make a realm and evaluate",
    section: "expressions",
    measure: (of) => ratioOf(of(EVAL, "burst"), of(REALMS_ALONE, "burst")),
    atLeast: 0.6,
  },
  {
    figure: "eval burst",
    section: "expressions",
    measure: (of) => median(of(EVAL, "burst")),
    atLeast: 2_000,
    unit: "/s",
  },
  {
    figure: "200 calls of a command that waits 50 ms, defaults",
    section: "sandboxes",
    measure: (of) => median(of(WAIT_OVER_KAFKA, "burst")),
    atLeast: 1_500,
    unit: "/s",
  },
  {
    figure: "CPU a call with 50 clients ÷ with 1, defaults, one call at a time",
    section: "clients",
    measure: (of) => ratioOf(of("50 clients", "closedCpu"), of("1 client", "closedCpu")),
    atMost: 1.3,
  },
  {
    figure: "CPU a call with 50 clients ÷ with 1, defaults, 50 calls at a time",
    section: "clients",
    measure: (of) => ratioOf(of("50 clients", "crowdCpu"), of("1 client", "crowdCpu")),
    atMost: 1.3,
  },
  ...([
    ["Prometheus", TELEMETRY_ROWS.metrics],
    ["OpenTelemetry's histograms, exported", TELEMETRY_ROWS.histograms],
    ["OpenTelemetry's spans too, exported", TELEMETRY_ROWS.exported],
  ] as const).map(([what, row]): Aim => ({
    figure: `burst with ${what} ÷ without telemetry`,
    section: "telemetry",
    measure: (of) => ratioOf(of(row, "burst"), of(TELEMETRY_ROWS.without, "burst")),
    atLeast: 0.85,
  })),
  {
    figure: "telemetry off: the channels that nobody subscribes to, of a call in a burst",
    section: "telemetry",
    measure: (of) => {
      const callNanos = median(of(TELEMETRY_ROWS.without, "cpu")) * 1e6;
      return median(of(TELEMETRY_ROWS.off, "channels")) / callNanos * 100;
    },
    atMost: 2,
    unit: "%",
  },
  {
    figure: "rpc tail: calls that it shows within a second",
    section: "tools",
    measure: keptRate,
    atLeast: 5_000,
    unit: "/s",
  },
  {
    figure: "rpc trace, all of 1 000 000 requests and replies read",
    section: "tools",
    measure: (of) => median(of(TOOL_ROWS.trace, "took")),
    atMost: 2,
    unit: "s",
  },
  {
    figure: "rpc doctor",
    section: "tools",
    measure: (of) => median(of(TOOL_ROWS.doctor, "took")),
    atMost: 5,
    unit: "s",
  },
  {
    figure: "HMAC a call, on each side: one record signed, one verified",
    section: "signatures",
    measure: (of) => {
      const row = "HMAC, without Kafka";
      return median(of(row, "sign")) + median(of(row, "verify"));
    },
    atMost: 60,
    unit: "µs",
  },
  {
    figure: "validation of a call by the example's contract, the client's side",
    section: "validation",
    measure: (of) => median(of(VALIDATION_ROWS.client, "validate")),
    atMost: 20,
    unit: "µs",
  },
  {
    figure: "the same, the server's side: input and result",
    section: "validation",
    measure: (of) => median(of(VALIDATION_ROWS.server, "validate")),
    atMost: 20,
    unit: "µs",
  },
  {
    figure: "values of a stream ÷ calls at once, in process",
    section: "streams",
    measure: (of) => ratioOf(of(STREAM_ROWS.inProcess, "values"), of(STREAM_ROWS.calls, "values")),
    atLeast: 0.5,
  },
  {
    figure: "values of a stream out of a sandbox ÷ calls at once, in process",
    section: "streams",
    measure: (of) => ratioOf(of(STREAM_ROWS.process, "values"), of(STREAM_ROWS.calls, "values")),
    atLeast: 0.5,
  },
  {
    figure: "idle client + server",
    section: "loops",
    measure: (of) => median(of(IN_PROCESS, "idle")),
    atMost: 0.5,
    unit: "% of a core",
  },
  {
    figure: "heap an in-flight call, client and server together",
    section: "loops",
    measure: (of) => median(of(IN_PROCESS, "pending")) / 1_000,
    atMost: 3,
    unit: "kB",
  },
];

function differenceOf(some: readonly number[], others: readonly number[]): number {
  return median(some.slice(0, others.length).map((value, index) => value - others[index]!));
}

/** The highest rate of calls that were made, and each shown, the last within a second of its end. */
function keptRate(of: SamplesOf): number {
  const figure = (rate: number, name: FigureName) => median(of(tailRow(rate), name));
  const measured = TAIL_RATES.filter((rate) => !Number.isNaN(figure(rate, "behind")));
  const kept = measured.map((rate) => {
    if (figure(rate, "shown") < 100 || figure(rate, "behind") > 1_000) return 0;
    const got = figure(rate, "got");
    return got < 0.95 * rate ? got : rate; // the last answers of a run are in its time
  });
  return kept.length === 0 ? NaN : Math.max(...kept);
}

/** What these tables have of the goals; those of sections that did not run are left out. */
export function goalsOf(tables: readonly Table[]): Goal[] {
  return AIMS.flatMap(({ figure, section, measure, atLeast, atMost, unit = "" }) => {
    const rows = tables.filter((table) => table.section === section).flatMap((table) => table.rows);
    // The first table of a section is that of one process.
    const found = (name: string): Row | undefined => rows.find((row) => row.name === name);
    const value = measure((row, name) => found(row)?.samples[name] ?? []);
    if (Number.isNaN(value)) return [];
    const reached = value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
    const goal = atLeast === undefined ? `≤ ${show(atMost!)}` : `≥ ${show(atLeast)}`;
    const withUnit = (text: string) => `${text} ${unit}`.trim();
    return [{ figure, measured: withUnit(show(value)), goal: withUnit(goal), reached }];
  });
}

/** Lines of "figure, measured, goal". */
export function goalCells(goals: readonly Goal[]): string[][] {
  return [
    ["figure", "measured", "goal", "reached"],
    ...goals.map(({ figure, measured, goal, reached }) => {
      return [figure, measured, goal, reached ? "yes" : "no"];
    }),
  ];
}
