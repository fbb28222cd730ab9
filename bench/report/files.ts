/**
 * The files of a run: its figures as JSON, and its picture.
 *
 * @module
 */
import { plot } from "./plot.ts";
import type { Results } from "./results.ts";

/** Name of a task's files, without what follows the dot. */
export function fileNameOf(task: Results["task"]): string {
  return task === "bench" ? "bench" : "peers";
}

/** Writes both; resolves with their paths. */
export async function writeFiles(results: Results, folder: string): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  const base = `${folder}/${fileNameOf(results.task)}`;
  await Deno.writeTextFile(`${base}.json`, JSON.stringify(results, rounded, 2) + "\n");
  await Deno.writeTextFile(`${base}.svg`, plot(results));
  return [`${base}.json`, `${base}.svg`];
}

/** Six digits are more than any of these figures has. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(6)) : value;
}

/** Reads the figures of a task's last run; undefined where there are none. */
export async function readResults(
  task: Results["task"],
  folder: string,
): Promise<Results | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${folder}/${fileNameOf(task)}.json`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
