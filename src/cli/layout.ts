// Text in columns.

/** Cuts a text to so many characters; the last one shows that it was cut. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  return `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
}

/** Breaks a text into lines of so many characters at most; words are kept whole where they fit. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

export interface Column {
  readonly title: string;
  readonly align?: "right";
  /** Characters at least, for tables whose later rows are not known yet. */
  readonly width?: number;
  /** Whether it is cut where the row would be too long. The last such column is cut first. */
  readonly shrinks?: true;
}

/** Lays out rows below their titles. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const titles = columns.map(({ title }) => title);
  const widths = widthsOf(columns, [titles, ...rows], width);
  return [titles, ...rows].map((cells) => row(columns, cells, widths));
}

/** How wide each column is, so that a row fits. */
export function widthsOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] {
  // Not by Math.max of them all: 130 000 are too many parameters.
  const widths = columns.map(({ width: least = 0 }, at) =>
    rows.reduce((most, cells) => Math.max(most, [...cells[at] ?? ""].length), least)
  );
  const gaps = 2 * (columns.length - 1);
  for (const [at, { shrinks, title }] of [...columns.entries()].reverse()) {
    const over = widths.reduce((sum, one) => sum + one, gaps) - width;
    if (shrinks && over > 0) widths[at] = Math.max(title.length, widths[at]! - over);
  }
  return widths;
}

/** Lays out one row. */
export function row(
  columns: readonly Column[],
  cells: readonly string[],
  widths: readonly number[],
): string {
  return columns.map(({ align }, at) => {
    const text = cut(cells[at] ?? "", widths[at]!);
    const space = " ".repeat(Math.max(0, widths[at]! - [...text].length));
    return align === "right" ? space + text : text + space;
  }).join("  ").trimEnd();
}

/** Milliseconds as people read them: `0.4 ms`, `12 ms`, `1.5 s`, `7 d`. */
export function duration(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  const short = (number: number, unit: string) => `${Number(number.toFixed(1))} ${unit}`;
  if (size < 10) return short(milliseconds, "ms");
  if (size < 1_000) return `${Math.round(milliseconds)} ms`;
  if (size < 120_000) return short(milliseconds / 1_000, "s");
  if (size < 7_200_000) return short(milliseconds / 60_000, "min");
  if (size < 172_800_000) return short(milliseconds / 3_600_000, "h");
  return short(milliseconds / 86_400_000, "d");
}

/** ISO 8601 in UTC; undefined for what is no time: whoever writes a record may date it as they like. */
export function isoTime(unixMs: number): string | undefined {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** A number with thin groups: `1 048 588`. */
export function grouped(number: number | bigint): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** "1 partition", "2 partitions". */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}
