/**
 * What a run found, as it is written to a file.
 *
 * @module
 */
import type { Percentile } from "../measuring/latencies.ts";
import { median } from "../measuring/statistics.ts";
import type { FigureName } from "./figures.ts";

/** One contestant of a table. */
export interface Row {
  readonly name: string;
  /** Linger and acks, where a table compares them. */
  readonly settings?: string;
  /** Each figure, of each round; a table has the median. */
  readonly samples: Partial<Record<FigureName, number[]>>;
  /** Percentiles of all latencies, where a curve is drawn. */
  readonly curve?: Percentile[];
}

/** One table. */
export interface Table {
  /** Name of the section that made it. */
  readonly section: string;
  readonly title: string;
  readonly rows: Row[];
}

/** A ratio or figure that this project has set itself. */
export interface Goal {
  readonly figure: string;
  /** Undefined where this run did not measure it, or the machine does not tell. */
  readonly measured: string;
  readonly goal: string;
  readonly reached: boolean;
}

/** A run. */
export interface Results {
  readonly task: "bench" | "bench:peers";
  /** The command that was given. */
  readonly command: string;
  readonly date: string;
  readonly versions: Record<string, string>;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly system: string };
  readonly seconds: number;
  readonly tables: Table[];
  readonly goals: Goal[];
  /** What was left out, and why. */
  readonly skipped: string[];
}

/** Adds a figure of one round; what can't be had is left out. */
export function sample({ samples }: Row, name: FigureName, value: number): void {
  if (!Number.isNaN(value)) (samples[name] ??= []).push(value);
}

/** The median of a figure; NaN where there is none. */
export function figureOf(row: Row | undefined, name: FigureName): number {
  return median(row?.samples[name] ?? []);
}
