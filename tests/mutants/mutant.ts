/**
 * What a mutant is: the source with one cure taken out.
 *
 * @module
 */

/** A text of a source file, and what stands there without the cure. */
export interface Edit {
  /** From the root of the project. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A cure that is taken out, and the tests that must notice it. */
export interface Mutant {
  readonly name: string;
  /** What goes wrong without the cure, for the table. */
  readonly fault: string;
  readonly edits: readonly Edit[];
  /** Test files, or the simulator with its seeds from this one on. */
  readonly by: readonly string[] | { readonly firstSeed: number };
}

/**
 * Takes a cure out of a source.
 *
 * @param source Text of the file.
 * @param edit What is changed.
 * @param name Names the mutant in the error.
 * @returns The text without the cure.
 */
export function applied(source: string, { file, find, replace }: Edit, name: string): string {
  const count = source.split(find).length - 1;
  if (count === 1) return source.replace(find, () => replace);
  throw new Error(
    `Cannot make the mutant "${name}": ${file} has its text ${count} times. ` +
      "Give the mutant the text that the cure has now.",
  );
}
