// JSON as people read it: what fits into a line stands in one.

/** The lines of a value, each of so many characters at most where that can be. */
export function jsonLines(value: unknown, width: number): string[] {
  const line = spaced(value);
  if (typeof value !== "object" || value === null || line.length <= width) return [line];
  const isList = Array.isArray(value);
  const parts = Object.entries(value).map(([name, part]) => {
    const [first = "", ...rest] = jsonLines(part, width - 2);
    return [isList ? first : `${JSON.stringify(name)}: ${first}`, ...rest];
  });
  const inner = parts.flatMap((lines, at) =>
    lines.map((text, row) => {
      const isLast = row === lines.length - 1 && at < parts.length - 1;
      return `  ${text}${isLast ? "," : ""}`;
    })
  );
  return [isList ? "[" : "{", ...inner, isList ? "]" : "}"];
}

/** In one line, with spaces behind commas and colons. */
function spaced(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  const parts = Object.entries(value).map(([name, part]) =>
    `${JSON.stringify(name)}: ${spaced(part)}`
  );
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}
