/**
 * Arguments of the bench's tasks.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { didYouMean } from "../src/options/check.ts";
import { suggest } from "../src/options/suggest.ts";

/** What a run is asked for. */
export interface BenchOptions {
  /** Sections or peers to run. */
  readonly only: readonly string[];
  /** Shorter, with rougher figures. */
  readonly quick: boolean;
  /** Folder for the files. */
  readonly out: string;
  /** Writes docs/performance.md from the files, and measures nothing. */
  readonly render: boolean;
}

/** Where files go by default. */
export const RESULTS_FOLDER = "bench/results";

const OPTIONS = {
  only: { type: "string" },
  quick: { type: "boolean", default: false },
  out: { type: "string", default: RESULTS_FOLDER },
  render: { type: "boolean", default: false },
} as const;

/** Arguments that can't be used; the text says which, and what to do. */
export class UsageError extends Error {
  /** Always "UsageError". */
  override name = "UsageError";
}

/**
 * Reads the arguments.
 *
 * @param args As given.
 * @param known Names that `--only` takes.
 * @returns The options; `only` holds all names where it was not given.
 * @throws {UsageError} Where an option or a name is not known.
 */
export function readOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const names = Object.keys(OPTIONS);
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw new UsageError(
        `Cannot use "${token.value}": it is no option. Write --only ${token.value}`,
      );
    }
    if (token.kind !== "option" || names.includes(token.name)) continue;
    throw new UsageError(refusal(`the option ${token.rawName}`, token.name, names, "--"));
  }
  const { values } = parseStrictly(args);
  const only = values.only === undefined
    ? known
    : values.only.split(",").map((name) => name.trim()).filter((name) => name !== "");
  for (const name of only) {
    if (!known.includes(name)) throw new UsageError(refusal(`--only ${name}`, name, known, ""));
  }
  if (only.length === 0) {
    throw new UsageError(`Cannot use --only without a name. There are ${known.join(", ")}.`);
  }
  return { only, quick: values.quick, out: values.out, render: values.render };
}

/** A value is missing, or there is one where none belongs. */
function parseStrictly(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`Cannot use these arguments: ${error.message}`);
  }
}

function refusal(what: string, name: string, known: readonly string[], prefix: string): string {
  const near = didYouMean(suggest(name, known).map((other) => prefix + other));
  const all = known.map((other) => prefix + other).join(", ");
  return `Cannot use ${what}: it is unknown. ${near ?? `There are ${all}.`}`;
}
