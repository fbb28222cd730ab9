// The checks as an operator reads them.
import { wrap } from "../layout.ts";
import type { Output, Paint } from "../output.ts";
import { type Check, GLYPHS, type Status } from "./check.ts";

const PAINTS: Readonly<Record<Status, Paint>> = {
  ok: "green",
  warning: "yellow",
  failed: "red",
  skipped: "faint",
};

const INDENT = { least: 16, most: 40 };
const MOST_COLUMNS = 120;

/** Where findings begin: behind the glyph and the longest of the names. */
export function indentFor(names: readonly string[]): number {
  const longest = Math.max(...names.map(({ length }) => length + 3));
  return Math.min(INDENT.most, Math.max(INDENT.least, longest));
}

/** Writes a check: a glyph, its name, what was found, and below it what to do. */
export function writeCheck(
  { name, status, says, advice }: Check,
  output: Output,
  indent: number,
): void {
  const width = Math.max(40, Math.min(output.columns, MOST_COLUMNS));
  const glyph = output.paint(GLYPHS[status], PAINTS[status]);
  const head = `${output.paint(name).padEnd(indent - 3)} `;
  const lines = wrap(says, width - Math.max(indent, head.length + 2));
  lines.forEach((line, at) => {
    output.line(
      at === 0 ? `${glyph} ${head}${output.paint(line)}` : " ".repeat(indent) + output.paint(line),
    );
  });
  if (advice === undefined) return;
  for (const [at, line] of wrap(advice, width - indent - 2).entries()) {
    output.line(`${" ".repeat(indent)}${at === 0 ? "→ " : "  "}${output.paint(line, "bold")}`);
  }
}
