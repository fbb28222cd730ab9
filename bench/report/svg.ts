/**
 * Plain SVG: panels of bars, and of curves, below each other.
 *
 * @module
 */

/** A part of a picture, drawn from its own upper left corner. */
export interface Panel {
  readonly height: number;
  readonly elements: readonly string[];
}

/** A bar and its text. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
}

/** A line through points; `x` and `y` lie between 0 and 1. */
export interface Curve {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A mark of an axis, at a place between 0 and 1. */
export interface Tick {
  readonly at: number;
  readonly text: string;
}

const WIDTH = 860;
const LABEL_WIDTH = 260;
const BAR_WIDTH = 470;
const BAR_HEIGHT = 20;
const HEAD_HEIGHT = 40;
const COLORS = ["#0b61a4", "#c2410c", "#15803d", "#7e22ce", "#b45309", "#0f766e", "#be123c"];

/** A text, as XML wants it. */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function label(x: number, y: number, text: string, more = ""): string {
  return `<text x="${round(x)}" y="${round(y)}" ${more}>${escape(text)}</text>`;
}

const round = (value: number) => Number(value.toFixed(1));

/** Horizontal bars. */
export function barPanel(title: string, bars: readonly Bar[]): Panel {
  const most = Math.max(...bars.map(({ value }) => value));
  const elements = bars.flatMap(({ label: name, value, text }, index) => {
    const y = HEAD_HEIGHT + index * BAR_HEIGHT;
    const width = round(value / most * BAR_WIDTH);
    return [
      label(LABEL_WIDTH - 8, y + 14, name, 'text-anchor="end"'),
      `<rect x="${LABEL_WIDTH}" y="${y + 3}" width="${width}" height="14" fill="${COLORS[0]}"/>`,
      label(LABEL_WIDTH + width + 6, y + 14, text),
    ];
  });
  const height = HEAD_HEIGHT + bars.length * BAR_HEIGHT + 16;
  return { height, elements: [label(16, 24, title, 'font-weight="bold"'), ...elements] };
}

/** Curves over axes that the caller has scaled. */
export function curvePanel(
  title: string,
  curves: readonly Curve[],
  axes: { readonly x: readonly Tick[]; readonly y: readonly Tick[] },
): Panel {
  const [left, top, width, height] = [70, HEAD_HEIGHT, 520, 260];
  const x = (at: number) => round(left + at * width);
  const y = (at: number) => round(top + (1 - at) * height);
  const grid = (x1: number, y1: number, x2: number, y2: number) =>
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
  const lines = curves.flatMap(({ label: name, points }, index) => {
    const color = COLORS[index % COLORS.length];
    const dash = index < COLORS.length ? "" : ' stroke-dasharray="5 3"';
    const path = points.map((point) => `${x(point[0])},${y(point[1])}`).join(" ");
    const at = top + 12 + index * 18;
    return [
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"${dash}/>`,
      `<line x1="605" y1="${at}" x2="625" y2="${at}" stroke="${color}" stroke-width="3"${dash}/>`,
      label(631, at + 4, name),
    ];
  });
  return {
    height: Math.max(top + height + 36, top + 24 + curves.length * 18),
    elements: [
      label(16, 24, title, 'font-weight="bold"'),
      ...axes.x.flatMap(({ at, text }) => [
        grid(x(at), y(0), x(at), y(1)),
        label(x(at), y(0) + 18, text, 'text-anchor="middle"'),
      ]),
      ...axes.y.flatMap(({ at, text }) => [
        grid(x(0), y(at), x(1), y(at)),
        label(x(0) - 8, y(at) + 4, text, 'text-anchor="end"'),
      ]),
      ...lines,
    ],
  };
}

/** The panels below each other, as a file. */
export function svg(panels: readonly Panel[], caption: string): string {
  let y = 0;
  const groups = panels.flatMap(({ height, elements }) => {
    const group = [`<g transform="translate(0 ${y})">`, ...elements, "</g>"];
    y += height;
    return group;
  });
  const size = `width="${WIDTH}" height="${y + 30}" viewBox="0 0 ${WIDTH} ${y + 30}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    ...groups,
    label(16, y + 16, caption, 'fill="#555"'),
    "</svg>",
    "",
  ].join("\n");
}
