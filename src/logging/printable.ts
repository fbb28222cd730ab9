// Text of others, as a log may hold it.

/**
 * What a terminal or an editor obeys instead of showing it: C0 and C1 controls, bidirectional and
 * other invisible format characters, separators of lines. A newline and a tab change nothing but
 * the place of what follows, and loggers escape them.
 */
const OBEYED = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/u;
const ALL_OBEYED = new RegExp(OBEYED, "gu");

/** As JSON and JavaScript write it. */
function escaped(character: string): string {
  return character.split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/** Writes what a terminal obeys as `\uXXXX`, except newlines and tabs. */
export function printable(text: string): string {
  return OBEYED.test(text) ? text.replace(ALL_OBEYED, escaped) : text;
}

/** The same, in one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** The same in strings, errors, arrays and plain objects; the value itself where nothing changes. */
export function printableValue(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return printableError(value);
  if (Array.isArray(value)) {
    const copy = value.map(printableValue);
    return copy.some((item, at) => item !== value[at]) ? copy : value;
  }
  const entries = Object.entries(value);
  const copies = entries.map(([key, item]) => [printable(key), printableValue(item)] as const);
  const same = copies.every(([key, item], at) =>
    key === entries[at]![0] && item === entries[at]![1]
  );
  return same ? value : Object.fromEntries(copies);
}

function printableError(error: Error): Error {
  const { name, message, stack = "" } = error;
  const cause = printableValue(error.cause);
  const same = [name, message, stack].every((text) => !OBEYED.test(text)) && cause === error.cause;
  if (same) return error;
  const copy = new Error(printable(message), { cause });
  copy.name = printable(name);
  copy.stack = printable(stack);
  return copy;
}
