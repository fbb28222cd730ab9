// What servers do, in two tables.
import type { RefusingServer } from "../../client/found_servers.ts";
import { printableLine } from "../../logging/printable.ts";
import { counted, grouped, table } from "../layout.ts";
import type { Output } from "../output.ts";
import type { CommandRates, Rates, ServerRates } from "./rates.ts";
import { quantileText, rateText } from "./text.ts";

export interface TopView {
  /** Unix milliseconds. */
  readonly at: number;
  readonly topic: string;
  readonly servers: readonly ServerRates[];
  readonly commands: readonly CommandRates[];
  readonly missing: readonly string[] | undefined;
  readonly refused: readonly RefusingServer[];
}

const RATES = [
  { title: "calls/s", align: "right" },
  { title: "p50", align: "right" },
  { title: "p99", align: "right" },
  { title: "running", align: "right" },
  { title: "errors/s", align: "right" },
] as const;

const SERVERS = [
  { title: "server", shrinks: true },
  { title: "host", shrinks: true },
  ...RATES,
  { title: "lag", align: "right" },
] as const;

const COMMANDS = [
  { title: "command", shrinks: true },
  { title: "servers", align: "right" },
  ...RATES,
  { title: "last error", shrinks: true },
] as const;

export function topLines(view: TopView, output: Output): string[] {
  const { at, topic, servers, commands, missing = [], refused } = view;
  const absent = missing.length + refused.length;
  const heading = [
    topic,
    counted(servers.length, "server"),
    ...absent === 0 ? [] : [`${absent} without an answer`],
    `${new Date(at).toISOString().slice(11, 19)} UTC`,
  ].join(", ");
  return [
    output.paint(printableLine(heading), absent === 0 ? "bold" : "yellow"),
    "",
    ...tableLines(SERVERS, servers.map(serverCells), output),
    "",
    ...tableLines(COMMANDS, commands.map(commandCells), output),
  ];
}

function tableLines(
  columns: typeof SERVERS | typeof COMMANDS,
  rows: readonly (readonly string[])[],
  output: Output,
): string[] {
  const cells = rows.map((row) => row.map(printableLine));
  const [head = "", ...lines] = table(columns, cells, output.columns);
  return [output.paint(head, "faint"), ...lines.map((line) => output.paint(line))];
}

function serverCells({ server, host = "-", state, lag, ...rates }: ServerRates): string[] {
  const name = state === "serving" ? server : `${server} (${state})`;
  return [name, host, ...rateCells(rates), lag === undefined ? "-" : grouped(lag)];
}

function commandCells({ name, servers, lastError, ...rates }: CommandRates): string[] {
  const error = lastError === undefined
    ? ""
    : `${lastError.code} ${new Date(lastError.at).toISOString().slice(11, 19)}`;
  return [name, String(servers), ...rateCells(rates), error];
}

function rateCells({ perSecond, p50, p99, running, failedPerSecond }: Rates): string[] {
  return [
    rateText(perSecond),
    quantileText(p50),
    quantileText(p99),
    String(running),
    rateText(failedPerSecond),
  ];
}
