/**
 * What a run prints, and the files that it leaves.
 *
 * @module
 */
import { machine, versions } from "./environment.ts";
import { writeFiles } from "./files.ts";
import { goalCells, goalsOf } from "./goals.ts";
import type { Results, Table } from "./results.ts";
import { align, textTable } from "./text.ts";

/** A run as it goes on. */
export interface RunLog {
  readonly task: Results["task"];
  /** Arguments of the task. */
  readonly args: readonly string[];
  /** Whether the broker was started for this run, so that its version is known. */
  readonly startedBroker: boolean;
  readonly began: number;
  readonly tables: Table[];
  readonly skipped: string[];
  /** Versions of other programs, beside this package's. */
  readonly versions: Record<string, string>;
}

/** Prints a table, and keeps it. */
export function addTable(run: RunLog, table: Table): void {
  run.tables.push(table);
  console.log(`\n${table.title}\n${textTable(table.rows)}`);
}

/** Prints what was measured of the goals, and writes the files into a folder. */
export async function conclude(run: RunLog, out: string): Promise<void> {
  const goals = goalsOf(run.tables);
  if (goals.length > 0) {
    console.log("\nGoals; a ratio is the median of those of single rounds");
    console.log(align(goalCells(goals), 4).map((row) => row.join("  ").trimEnd()).join("\n"));
  }
  const seconds = Math.round((performance.now() - run.began) / 1_000);
  const paths = await writeFiles({
    task: run.task,
    command: ["deno task", run.task, ...run.args].join(" "),
    date: new Date().toISOString(),
    versions: { ...await versions(run.startedBroker), ...run.versions },
    machine: machine(),
    seconds,
    tables: run.tables,
    goals,
    skipped: run.skipped,
  }, out);
  console.log(`\n${seconds} s in all. Written: ${paths.join(", ")}.`);
}
