/**
 * The figures as text.
 *
 * @module
 */
import { median, quantile } from "./measure.ts";

/** What was measured of one contestant. */
export interface Figures {
  /** The contestant. */
  readonly name: string;
  /** Milliseconds of each call of each block, one after the other. */
  readonly blocks: number[][];
  /** Milliseconds of each burst. */
  readonly burstMs: number[];
  /** CPU seconds of each burst, of all its processes. */
  readonly burstCpuSeconds: number[];
  /** Resident memory after the last burst, of all its processes. */
  residentBytes: number;
}

/** Figures to be filled. */
export function noFigures(name: string): Figures {
  return { name, blocks: [], burstMs: [], burstCpuSeconds: [], residentBytes: 0 };
}

const HEAD = [
  "",
  "median ms",
  "p99 ms",
  "ratio",
  "100 calls s",
  "burst calls/s",
  "burst CPU s",
  "memory MB",
];

/**
 * One row for each contestant. A figure is the median of its blocks or bursts, with the best one
 * in brackets; p99 is of all calls. A ratio is taken between neighbours: one block, and the block
 * of the first contestant just before it.
 */
export function table(all: readonly Figures[], burst: number): string {
  const reference = all[0]!.blocks.map(median);
  const rows = all.map(({ name, blocks, burstMs, burstCpuSeconds, residentBytes }) => {
    const medians = blocks.map(median);
    const sums = blocks.map((times) => times.reduce((sum, time) => sum + time, 0) / 1000);
    const rates = burstMs.map((milliseconds) => burst / milliseconds * 1000);
    return [
      name,
      pair(medians, 2),
      quantile(blocks.flat(), 0.99).toFixed(1),
      median(medians.map((value, index) => value / reference[index]!)).toFixed(2),
      pair(sums, 3),
      `${median(rates).toFixed(0)} (${Math.max(...rates).toFixed(0)})`,
      pair(burstCpuSeconds, 2),
      (residentBytes / 1e6).toFixed(0),
    ];
  });
  const worst = ({ burstMs }: Figures) => Math.max(...burstMs);
  const slowest = all.reduce((one, other) => worst(other) > worst(one) ? other : one);
  return [
    ...align([HEAD, ...rows]),
    `Slowest burst of all: ${(worst(slowest) / 1000).toFixed(2)} s (${slowest.name}); ` +
    `its median is ${(median(slowest.burstMs) / 1000).toFixed(2)} s.`,
  ].join("\n");
}

/** The median, and the least in brackets. */
function pair(values: readonly number[], digits: number): string {
  return `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)})`;
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)
    ).join("  ")
  );
}
