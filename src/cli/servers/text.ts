// What servers say, in words.
import { duration } from "../layout.ts";

/** `0–3, 7`; `none` for a server that has no partition. */
export function partitionsText(partitions: readonly number[]): string {
  if (partitions.length === 0) return "none";
  const runs: [first: number, last: number][] = [];
  for (const partition of partitions.toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && partition === run[1] + 1) run[1] = partition;
    else runs.push([partition, partition]);
  }
  return runs.map(([first, last]) =>
    first === last ? `${first}` : last === first + 1 ? `${first}, ${last}` : `${first}–${last}`
  ).join(", ");
}

/** `12.5`, `340`: a number of something each second. */
export function rateText(rate: number): string {
  return rate < 100 ? String(Number(rate.toFixed(1))) : String(Math.round(rate));
}

/** `-` where nothing ran. `> 10 s`: above the last bound of the groups. */
export function quantileText(quantile: Quantile | undefined): string {
  if (quantile === undefined) return "-";
  return `${quantile.isOver ? "> " : ""}${duration(quantile.ms)}`;
}

/** A time that so many of all runs did not exceed. */
export interface Quantile {
  readonly ms: number;
  /** Whether it is in the last group, which has no end. */
  readonly isOver: boolean;
}
