// What is wrong with a command line.
import { didYouMean } from "../options/check.ts";
import { suggest } from "../options/suggest.ts";

/** The command line, the environment or a profile can't be used; nothing was done. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Refuses a name that is not among those there are. */
export function unknownName(what: string, name: string, known: readonly string[]): UsageError {
  const near = didYouMean(suggest(name, known), "") ?? `There are ${known.join(", ")}.`;
  return new UsageError(`Cannot run: there is no ${what} ${JSON.stringify(name)}. ${near}`);
}
