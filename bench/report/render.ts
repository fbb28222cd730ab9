/**
 * Puts the figures of the last run into docs/performance.md, between two markers, and its picture
 * beside it.
 *
 * @module
 */
import { readResults } from "./files.ts";
import { FIGURES } from "./figures.ts";
import { goalCells } from "./goals.ts";
import { plot } from "./plot.ts";
import type { Results } from "./results.ts";
import { cellsOf, columnsOf, markdownTable } from "./text.ts";

const DOCUMENT = "docs/performance.md";
const PICTURE = "performance-bench.svg";

/** Writes the document and the picture; resolves with their paths. */
export async function render(folder: string): Promise<string[]> {
  const results = await readResults(folder);
  if (results === undefined) {
    throw new Error(
      `Cannot render ${DOCUMENT}: there are no figures in ${folder}. Run \`deno task bench\` first.`,
    );
  }
  const text = await Deno.readTextFile(DOCUMENT);
  const rendered = replaceBetween(text, "bench", markdownOf(results, PICTURE));
  await Deno.writeTextFile(`docs/${PICTURE}`, plot(results));
  await Deno.writeTextFile(DOCUMENT, rendered);
  return [DOCUMENT, `docs/${PICTURE}`];
}

/** Replaces what stands between the markers of a task. */
export function replaceBetween(text: string, task: string, content: string): string {
  const [begin, end] = [`<!-- begin ${task} -->`, `<!-- end ${task} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`Cannot render: the text lacks "${begin}" before "${end}". Add both lines.`);
  }
  return `${text.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${text.slice(to)}`;
}

/** All of a run as Markdown. */
export function markdownOf(results: Results, picture: string): string {
  const { command, date, versions, machine, seconds, tables, goals, skipped } = results;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const rows = tables.flatMap((table) => table.rows);
  const about = columnsOf(rows).map((name) => [FIGURES[name].title, FIGURES[name].about]);
  return [
    `Run on ${date.slice(0, 16).replace("T", " ")} UTC by \`${command}\`, in ${seconds} s.`,
    ...[names.join(", "), `${machine.cpu}, ${machine.cores} cores, ${machine.system}`].map((text) =>
      `- ${text}.`
    ),
    ...skipped.map((text) => `- ${text}`),
    `![calls a second and milliseconds of a call](${picture})`,
    ...goals.length > 0 ? [markdownTable(goalCells(goals), 4)] : [],
    ...tables.flatMap(({ title, rows }) => [`**${title}.**`, markdownTable(cellsOf(rows))]),
    "What the columns are:",
    markdownTable([["column", "what it is"], ...about], 2),
  ].join("\n\n");
}
