/**
 * The frame every plot stands in, as SVG text: title, axes with ticks, and marks on top. Colours
 * come from the page's CSS variables, so one drawing suits light and dark.
 */
import { axisOf, type Axis, type Range } from "./axis.js";
import { escapeHtml, formatNumber } from "./text.js";

export type Point = readonly [x: number, y: number];

/** The drawing of a plot in its own units. */
export const canvas = { width: 420, height: 220, left: 54, right: 12, top: 34, bottom: 32 } as const;

export interface PlotOptions {
  readonly title: string;
  /** What is to be seen, for those who cannot see it. */
  readonly description?: string;
  readonly xLabel: string;
  /** A few words at the upper right. */
  readonly note?: string;
  readonly x: Range;
  readonly y: Range;
  /** Whether y has ticks and lines; rows of bars have none. Default true. */
  readonly yTicks?: boolean;
  /** The SVG of what is plotted, on these axes. */
  readonly marks: (x: Axis, y: Axis) => readonly string[];
}

/** A plot as one SVG element. Its title and description are read out by screen readers. */
export function plot({ title, description, xLabel, note, x, y, yTicks = true, marks }: PlotOptions): string {
  const { width, height, left, right, top, bottom } = canvas;
  const [across, up] = [axisOf(x, left, width - right), axisOf(y, height - bottom, top)];
  const lines = up.ticks.map((tick) => {
    const at = coordinate(up.place(tick));
    const line = `<line class="grid" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/>`;
    return `${line}<text x="${left - 6}" y="${at}" dy="0.32em" text-anchor="end">${formatNumber(tick)}</text>`;
  });
  const below = across.ticks.map((tick) => {
    return `<text x="${coordinate(across.place(tick))}" y="${height - bottom + 15}" text-anchor="middle">${formatNumber(tick)}</text>`;
  });
  return [
    `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
    `<title>${escapeHtml(title)}</title>`,
    description === undefined ? "" : `<desc>${escapeHtml(description)}</desc>`,
    `<text class="title" x="${left}" y="18">${escapeHtml(title)}</text>`,
    note === undefined
      ? ""
      : `<text class="last" x="${width - right}" y="18" text-anchor="end">${escapeHtml(note)}</text>`,
    ...(yTicks ? lines : []),
    ...below,
    `<text x="${width - right}" y="${height - 4}" text-anchor="end">${escapeHtml(xLabel)}</text>`,
    ...marks(across, up),
    "</svg>",
  ].join("");
}

/** A coordinate with as many digits as can be seen. */
export const coordinate = (value: number): string => value.toFixed(1);

/** The path through points, at most some `slots` lowest and highest ones of a longer curve. */
export function pathThrough(points: readonly Point[], x: Axis, y: Axis, slots: number = canvas.width): string {
  return thin(points, slots)
    .map(([px, py], i) => `${i === 0 ? "M" : "L"}${coordinate(x.place(px))} ${coordinate(y.place(py))}`)
    .join("");
}

/** Bars from `floor` up, side by side over equal parts of the axis; one path. */
export function barsPath(
  heights: readonly number[],
  x: Axis,
  heightOf: (value: number) => number,
  floor: number,
): string {
  const width = (x.range[1] - x.range[0]) / heights.length;
  const edge = (i: number): string => coordinate(x.place(x.range[0] + i * width));
  const tops = heights.map((value, i) => `V${coordinate(floor - heightOf(value))}H${edge(i + 1)}`);
  return `M${edge(0)} ${coordinate(floor)}${tops.join("")}V${coordinate(floor)}Z`;
}

/** Lowest and highest point of each of `slots` equal stretches, in order. */
function thin(points: readonly Point[], slots: number): readonly Point[] {
  if (points.length <= 2 * slots) return points;
  const size = points.length / slots;
  return Array.from({ length: slots }, (_, slot) =>
    points.slice(Math.floor(slot * size), Math.floor((slot + 1) * size)),
  ).flatMap((stretch) => {
    const sorted = [...stretch].sort((a, b) => a[1] - b[1]);
    const ends = [sorted[0], sorted.at(-1)].filter((point) => point !== undefined);
    return ends.sort((a, b) => a[0] - b[0]);
  });
}
