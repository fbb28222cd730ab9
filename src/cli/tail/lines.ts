// A call in a line.
import { type Column, duration, isoTime, row } from "../layout.ts";
import type { Output, Paint } from "../output.ts";
import type { SeenCall } from "./join.ts";

/** From so many columns on there is room for the server and milliseconds of the day. */
const WIDE = 130;
const ID_COLUMNS = 36;

interface Layout {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly cells: (call: SeenCall) => string[];
  /** Which of the columns has the code, to colour it. */
  readonly codeAt: number;
}

const MS = { title: "took", align: "right" } as const;

function wide(width: number): Layout {
  const widths = [12, 8, 19, 20, 26, ID_COLUMNS];
  const fixed = widths.reduce((sum, one) => sum + one, 2 * (widths.length - 1));
  if (Number.isFinite(width)) widths[3] = Math.max(20, 20 + width - fixed);
  return {
    columns: [{ title: "time" }, MS, { title: "code" }, { title: "command" }, { title: "server" }, {
      title: "id",
    }],
    widths,
    codeAt: 2,
    cells: (
      { at, ms, code, command = "?", server = "-", id },
    ) => [clockTime(at, 23), took(ms), code, command, server, id],
  };
}

function narrow(width: number): Layout {
  const widths = [8, 7, 10, 8, ID_COLUMNS];
  const fixed = widths.reduce((sum, one) => sum + one, 2 * (widths.length - 1));
  widths[3] = Math.max(8, 8 + width - fixed);
  return {
    columns: [{ title: "time" }, MS, { title: "code" }, { title: "command" }, { title: "id" }],
    widths,
    codeAt: 2,
    cells: (
      { at, ms, code, command = "?", id },
    ) => [clockTime(at, 19), took(ms), code, command, id],
  };
}

export function layoutFor(width: number): Layout {
  return width < WIDE ? narrow(width) : wide(width);
}

export function headLine(layout: Layout): string {
  return row(layout.columns, layout.columns.map(({ title }) => title), layout.widths);
}

export function callLine(layout: Layout, call: SeenCall, output: Output): string {
  const line = row(layout.columns, layout.cells(call), layout.widths);
  const before = layout.widths.slice(0, layout.codeAt).reduce((sum, one) => sum + one + 2, 0);
  const after = before + layout.widths[layout.codeAt]!;
  const paint: Paint = call.code === "ok" || call.code === "one-way" ? "green" : "red";
  return output.paint(line.slice(0, before)) + output.paint(line.slice(before, after), paint) +
    output.paint(line.slice(after));
}

function took(ms: number | undefined): string {
  return ms === undefined ? "-" : duration(ms);
}

function clockTime(unixMs: number, end: number): string {
  return isoTime(unixMs)?.slice(11, end) ?? "-";
}
