/**
 * The picture of a run: how many calls a second, how long one takes, and how long the slow ones.
 *
 * @module
 */
import { figureOf, type Results, type Row, type Table } from "./results.ts";
import type { FigureName } from "./figures.ts";
import { barPanel, type Curve, curvePanel, type Panel, svg, type Tick } from "./svg.ts";
import { show } from "./text.ts";

const CURVE_TICKS = [0, 50, 90, 99, 99.9, 99.99];
/** Decades of "nines" on the axis: 0 %, 90 %, 99 % … */
const NINES = 4;

/** Bars of calls a second and of medians; curves of percentiles where an open loop ran. */
export function plot({ task, date, versions, machine, tables }: Results): string {
  const section = task === "bench" ? "loops" : "peers";
  const panels = tables.filter((table) => table.section === section).slice(0, 1).flatMap(bars);
  for (const table of tables) if (table.section === "open") panels.push(...curves(table.rows));
  const names = ["this package", "Deno", "Kafka"].map((name) => `${name} ${versions[name] ?? "?"}`);
  const caption = `deno task ${task}, ${date.slice(0, 10)}; ${names.join(", ")}; ${machine.cpu}, ` +
    `${machine.cores} cores`;
  return svg(panels, caption);
}

function bars({ rows }: Table): Panel[] {
  const panel = (title: string, name: FigureName) => {
    const found = rows.filter((row) => !Number.isNaN(figureOf(row, name)));
    if (found.length === 0) return [];
    return [barPanel(
      title,
      found.map((row) => {
        const value = figureOf(row, name);
        return { label: row.name, value, text: show(value) };
      }),
    )];
  };
  return [
    ...panel("Calls a second, all at once (more is better)", "burst"),
    ...panel("Milliseconds of a call, one after the other, median (less is better)", "median"),
    ...panel("Processor seconds of 1 000 calls at once (less is better)", "cpu"),
  ];
}

/** 90 % lies at a quarter of the axis, 99 % at half of it, and so on. */
export function placeOf(percentile: number): number {
  return Math.min(1, -Math.log10(1 - percentile / 100) / NINES);
}

/** A panel for each rate. */
function curves(rows: readonly Row[]): Panel[] {
  const rates = [...new Set(rows.map((row) => figureOf(row, "rate")))];
  return rates.map((rate) => {
    const all = rows.filter((row) => figureOf(row, "rate") === rate && row.curve?.length);
    const times = all.flatMap(({ curve = [] }) => curve.map(([, milliseconds]) => milliseconds));
    const [least, most] = [Math.min(...times), Math.max(...times)].map(Math.log10) as [
      number,
      number,
    ];
    const [low, high] = [Math.floor(least), Math.max(Math.ceil(most), Math.floor(least) + 1)];
    const heightOf = (milliseconds: number) => (Math.log10(milliseconds) - low) / (high - low);
    const drawn = all.map(({ name, curve = [] }): Curve => ({
      label: name,
      points: curve.map(([percentile, ms]) => [placeOf(percentile), heightOf(ms)]),
    }));
    const x = CURVE_TICKS.map((at): Tick => ({ at: placeOf(at), text: `${at} %` }));
    const y = Array.from({ length: high - low + 1 }, (_, index): Tick => {
      return { at: index / (high - low), text: `${10 ** (low + index)} ms` };
    });
    const title = `Open loop, ${show(rate)} calls a second: so many took no longer (logarithmic)`;
    return curvePanel(title, drawn, { x, y });
  });
}
