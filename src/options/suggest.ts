// Near misses of a misspelt name.
import { distance } from "fastest-levenshtein";

/** Edits between two words: letters added, left out or replaced, or two of them swapped. */
function edits(from: string, to: string): number {
  const letters = (word: string) => [...word].sort().join("");
  // Swapped letters are one slip of the fingers, and two edits of Levenshtein's.
  return distance(from, to) - (from !== to && letters(from) === letters(to) ? 1 : 0);
}

/** Shortest beginning that tells enough to suggest the rest, in letters. */
const PREFIX_LETTERS = 3;

/** Whether one of two words begins with the other, as `certificate` does with `cert`. */
function isBeginning(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= PREFIX_LETTERS && long.startsWith(short);
}

/** Names that may have been meant, at most three, the nearest first. */
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
      if (isBeginning(written, lower)) return [{ candidate, away: letters }];
      const away = letters <= reach ? edits(written, lower) : Infinity;
      return away <= reach ? [{ candidate, away }] : [];
    })
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
