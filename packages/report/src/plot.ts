/**
 * The frame of every plot, as SVG text: title, axes with ticks, and marks.
 *
 * Colours come from CSS variables of the page, so one drawing fits light and dark mode.
 */
import { axisOf, type Axis, type Range } from "./axis.js";
import { escapeHtml, formatNumber } from "./text.js";

export type Point = readonly [x: number, y: number];

/** Size and margins of a plot in SVG units. */
export const canvas = { width: 420, height: 220, left: 54, right: 12, top: 34, bottom: 32 } as const;

export interface PlotOptions {
  readonly title: string;
  /** A description of the plot for screen readers. */
  readonly description: string;
  readonly xLabel: string;
  /** A short note at the upper right. */
  readonly note?: string;
  readonly x: Range;
  readonly y: Range;
  /** Whether y has ticks and grid lines, which rows of bars do not need. Default true. */
  readonly yTicks?: boolean;
  /** The SVG of the plotted marks, on these axes. */
  readonly marks: (x: Axis, y: Axis) => readonly string[];
}

/** A plot as one SVG element. Screen readers read its title and description. */
export function plot({ title, description, xLabel, note, x, y, yTicks = true, marks }: PlotOptions): string {
  const { width, height, left, right, top, bottom } = canvas;
  const [across, up] = [axisOf(x, left, width - right), axisOf(y, height - bottom, top)];
  const lines = up.ticks.map((tick) => {
    const at = coordinate(up.place(tick));
    const line = `<line class="grid" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/>`;
    return `${line}<text x="${left - 6}" y="${at}" dy="0.32em" text-anchor="end">${formatNumber(tick)}</text>`;
  });
  const below = across.ticks.map((tick) => {
    const text = formatNumber(tick);
    // Half the width of a text is about 3.2 units a character. The last label must not be cut.
    const at = Math.min(across.place(tick), width - 3 - 3.2 * text.length);
    return `<text x="${coordinate(at)}" y="${height - bottom + 15}" text-anchor="middle">${text}</text>`;
  });
  return [
    `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}" ` +
      `data-x="${x.join(" ")}" data-y="${y.join(" ")}">`,
    `<title>${escapeHtml(title)}</title>`,
    `<desc>${escapeHtml(description)}</desc>`,
    `<text class="title" x="${left}" y="18">${escapeHtml(title)}</text>`,
    note === undefined
      ? ""
      : `<text class="last" x="${width - right}" y="18" text-anchor="end">${escapeHtml(note)}</text>`,
    `<g class="ticks">${yTicks ? lines.join("") : ""}</g>`,
    ...below,
    `<text x="${width - right}" y="${height - 4}" text-anchor="end">${escapeHtml(xLabel)}</text>`,
    ...marks(across, up),
    "</svg>",
  ].join("");
}

/** A coordinate with the digits that are visible. */
export const coordinate = (value: number): string => value.toFixed(1);

/**
 * The path through points. A longer curve is reduced to the lowest and highest points of about
 * `slots` segments.
 */
export function pathThrough(points: readonly Point[], x: Axis, y: Axis, slots: number = canvas.width): string {
  return thin(points, slots)
    .map(([px, py], i) => `${i === 0 ? "M" : "L"}${coordinate(x.place(px))} ${coordinate(y.place(py))}`)
    .join("");
}

/** Bars from `floor` up over equal parts of the axis, as one path. */
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

/** The points as text for the script of a page, with the digits that are worth reading. */
export const pointsOf = (points: readonly Point[]): string =>
  points.map((point) => point.map((value) => Number(value.toPrecision(5))).join(",")).join(" ");

/** The lowest and highest point of each of `slots` equal segments, in order. */
export function thin(points: readonly Point[], slots: number): readonly Point[] {
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
