/**
 * Near misses of a misspelt name.
 *
 * @module
 */

/**
 * Edits between two words: letters added, left out, replaced or swapped.
 *
 * @see https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance (optimal string alignment)
 */
function edits(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = rows[i - 1]![j - 1]! +
        (from[i - 1] === to[j - 1] ? 0 : 1);
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, replaced);
      if (
        i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      ) {
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      }
      row.push(least);
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}

/** Shortest beginning that tells enough to suggest the rest, in letters. */
const PREFIX_LETTERS = 3;

/** Whether one of two words begins with the other, as `certificate` does with `cert`. */
function isBeginning(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= PREFIX_LETTERS && long.startsWith(short);
}

/**
 * Names that may have been meant: commands, options, values.
 *
 * @param name What was written.
 * @param known Names that there are.
 * @returns At most three, the nearest first.
 */
export function suggest(name: string, known: readonly string[]): string[] {
  // A long name costs the square of its length, and comes from outside.
  if (name.length > 64) return [];
  const written = name.toLowerCase();
  const reach = Math.max(1, Math.floor(name.length / 3));
  return known
    .flatMap((candidate) => {
      const lower = candidate.toLowerCase();
      // Each letter more or less is an edit: of the others there may be many, and long ones.
      const letters = Math.abs(lower.length - written.length);
      if (isBeginning(written, lower)) return [{ candidate, distance: letters }];
      const distance = letters <= reach ? edits(written, lower) : Infinity;
      return distance <= reach ? [{ candidate, distance }] : [];
    })
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
