/**
 * The lines of README.md that come from a run.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import type { FigureName } from "./figures.ts";
import { figureOf, type Results } from "./results.ts";
import { markdownTable, show } from "./text.ts";

/** What a line is called, and whose figures it has. */
export const LINES: readonly (readonly [string, ContestantName])[] = [
  ["a command in the server", "in process (kafkajs)"],
  ["a command in a child process", "process (kafkajs)"],
  ["an expression, in a realm of its own", "eval, realm (kafkajs)"],
];
const COLUMNS = {
  median: ["median call", "ms"],
  hundred: ["100 calls in a row", "s"],
  burst: ["all at once", "a second"],
} as const;

/** Three lines of a run, and the raw loop beside; undefined where the run has not measured them. */
export function speedOf({ command, date, machine, tables }: Results): string | undefined {
  const loops = tables.find(({ section }) => section === "loops");
  const figure = (contestant: ContestantName, name: FigureName) =>
    figureOf(loops?.rows.find(({ name }) => name === contestant), name);
  const raw = figure("raw loop (kafkajs)", "median");
  const names = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
  const figures = LINES.map(([, contestant]) => names.map((name) => figure(contestant, name)));
  if ([raw, ...figures.flat()].some(Number.isNaN)) return undefined;
  const rows = LINES.map(([title], line) => {
    const cells = names.map((name, at) => `${show(figures[line]![at]!)} ${COLUMNS[name][1]}`);
    return [title, ...cells];
  });
  return [
    `Client and server in one process, on ${machine.cores} cores, ${date.slice(0, 10)}, by ` +
    `\`${command}\`;\na bare loop over the same two topics took ${show(raw)} ms in that run:`,
    markdownTable([["", ...names.map((name) => COLUMNS[name][0])], ...rows]),
  ].join("\n\n");
}
