/**
 * Tables of figures, for the terminal and for Markdown.
 *
 * @module
 */
import { type FigureName, FIGURES } from "./figures.ts";
import { figureOf, type Row } from "./results.ts";

/** A figure with three digits that count; whole from 100 on. */
export function show(value: number): string {
  if (Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 99.95 || Number.isInteger(value)) {
    return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, " ");
  }
  return value.toFixed(size >= 9.995 ? 1 : size >= 0.9995 || size === 0 ? 2 : 3);
}

/** Figures that at least one of these rows has. */
export function columnsOf(rows: readonly Row[]): FigureName[] {
  const names = Object.keys(FIGURES) as FigureName[];
  return names.filter((name) => rows.some(({ samples }) => samples[name] !== undefined));
}

/** "1 round", "2 rounds", "10 000 calls". */
export function countOf(count: number, noun: string): string {
  return `${show(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Whether each row says its linger and acks, in a column after its name. */
const haveSettings = (rows: readonly Row[]) => rows.some(({ settings }) => settings !== undefined);

/** How many columns are texts. */
export function textColumns(rows: readonly Row[]): number {
  return haveSettings(rows) ? 2 : 1;
}

/** A head and a line for each row; a figure is the median of its rounds. */
export function cellsOf(rows: readonly Row[]): string[][] {
  const columns = columnsOf(rows);
  const figures = (row: Row) => columns.map((name) => show(figureOf(row, name)));
  const titles = columns.map((name) => FIGURES[name].title);
  if (!haveSettings(rows)) {
    return [["", ...titles], ...rows.map((row) => [row.name, ...figures(row)])];
  }
  const lines = rows.map((row) => [row.name, row.settings ?? "", ...figures(row)]);
  return [["", "linger, acks", ...titles], ...lines];
}

/** Columns of the same width, figures to the right. */
export function align(cells: readonly (readonly string[])[], left = 1): string[][] {
  const widths = cells[0]!.map((_, at) => Math.max(...cells.map((row) => [...row[at]!].length)));
  return cells.map((row) =>
    row.map((cell, at) => at < left ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))
  );
}

/** For a terminal. */
export function textTable(rows: readonly Row[]): string {
  return align(cellsOf(rows), textColumns(rows)).map((row) => row.join("  ").trimEnd()).join("\n");
}

/** For Markdown, as its formatter wants it. */
export function markdownTable(cells: readonly (readonly string[])[], left = 1): string {
  const [head = [], ...rows] = cells;
  const least = cells.map((row) =>
    row.map((cell, at) => at < left ? cell.padEnd(3) : cell.padStart(4))
  );
  const aligned = align(least, left);
  const rule = head.map((_, at) => {
    const width = aligned[0]![at]!.length;
    return at < left ? "-".repeat(width) : `${"-".repeat(width - 1)}:`;
  });
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const [alignedHead = [], ...alignedRows] = aligned;
  if (rows.length === 0) return "";
  return [alignedHead, rule, ...alignedRows].map(line).join("\n");
}
