/**
 * The line of a row.
 *
 * @module
 */
import type { Outcome } from "./load.ts";

/** What a run of a row has found. */
export interface Report {
  /** Name of the row. */
  readonly row: string;
  /** Every call that settled. */
  readonly outcomes: readonly Outcome[];
  /** Calls that did not settle. */
  readonly open: number;
  /** Calls that settled later than they may. */
  readonly late: number;
  /** Replies that settled a call twice. */
  readonly double: number;
  /** Executions beyond one per call. */
  readonly extra: number;
  /** Milliseconds from the end of the fault to the next right answer. */
  readonly recoveredMs: number | undefined;
  /** What else is to be said. */
  readonly notes: readonly string[];
  /** Promises that were not kept. */
  readonly faults: readonly string[];
}

/** Names of the figures in a {@linkcode lineOf}. */
export const COLUMNS =
  "row | calls | ok | errors by code | wrong | without outcome | double | extra executions | " +
  "recovered in ms | notes";

/** One line with the figures of a row. */
export function lineOf(report: Report): string {
  const { outcomes, open, late } = report;
  const count = (status: string) => outcomes.filter((o) => o.status === status).length;
  const errors = Map.groupBy(
    outcomes.filter(({ status }) => status !== "ok" && status !== "wrong"),
    ({ status }) => status,
  );
  const byCode = [...errors].map(([code, { length }]) => `${code} ${length}`).join(", ");
  const notes = [
    ...report.faults.length > 0 ? [`FAILED: ${report.faults.join("; ")}`] : [],
    ...report.notes,
  ];
  return [
    report.row,
    outcomes.length + open,
    count("ok"),
    byCode || "none",
    count("wrong"),
    late > 0 ? `${open} (${late} too late)` : open,
    report.double,
    report.extra,
    report.recoveredMs === undefined ? "never" : Math.round(report.recoveredMs),
    notes.join("; ") || "-",
  ].join(" | ");
}
