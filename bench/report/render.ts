/**
 * Puts the figures of the last runs into docs/performance.md, between two markers for each task,
 * their pictures beside it, and three lines of them into README.md.
 *
 * @module
 */
import { fileNameOf, readResults } from "./files.ts";
import { FIGURES } from "./figures.ts";
import { goalCells } from "./goals.ts";
import { plot } from "./plot.ts";
import { speedOf } from "./readme.ts";
import type { Results } from "./results.ts";
import { cellsOf, columnsOf, markdownTable, textColumns } from "./text.ts";

const DOCUMENT = "docs/performance.md";
const README = "README.md";
const TASKS = ["bench", "bench:peers"] as const;

/** Writes the documents and the pictures; resolves with the paths of what was written. */
export async function render(folder: string): Promise<string[]> {
  let text = await Deno.readTextFile(DOCUMENT);
  const written = [DOCUMENT];
  for (const task of TASKS) {
    const results = await readResults(task, folder);
    if (results === undefined) continue;
    const picture = `performance-${fileNameOf(task)}.svg`;
    await Deno.writeTextFile(`docs/${picture}`, plot(results));
    written.push(`docs/${picture}`);
    text = replaceBetween(text, task, markdownOf(results, picture));
    const speed = task === "bench" ? speedOf(results) : undefined;
    if (speed === undefined) continue;
    const readme = await Deno.readTextFile(README);
    await Deno.writeTextFile(README, replaceBetween(readme, task, speed));
    written.push(README);
  }
  if (written.length === 1) {
    throw new Error(
      `Cannot render ${DOCUMENT}: there are no figures in ${folder}. Run \`deno task bench\` first.`,
    );
  }
  await Deno.writeTextFile(DOCUMENT, text);
  await format(written.filter((path) => path.endsWith(".md")));
  return written;
}

/** Long lines are broken as the gate wants them. */
async function format(paths: readonly string[]): Promise<void> {
  const args = ["fmt", "--quiet", ...paths];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (!success) throw new Error(`Cannot format ${paths}: ${new TextDecoder().decode(stderr)}`);
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
    ...skipped.map((text) => `- ${text.replaceAll("\n", " ")}`),
    `![calls a second and milliseconds of a call](${picture})`,
    ...goals.length > 0 ? [markdownTable(goalCells(goals), 4)] : [],
    ...tables.flatMap((
      { title, rows },
    ) => [`**${title}.**`, markdownTable(cellsOf(rows), textColumns(rows))]),
    "What the columns are:",
    markdownTable([["column", "what it is"], ...about], 2),
  ].join("\n\n");
}
