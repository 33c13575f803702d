/**
 * Line charts as SVG text, for the report. Colours come from the page's CSS variables, so one drawing suits light and dark.
 */

export type Point = readonly [x: number, y: number];

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly points: readonly Point[];
  /** Draw a running mean over the raw curve. Default: when there are more than 60 points. */
  readonly smooth?: boolean;
}

const width = 420;
const height = 220;
const area = { left: 54, right: 12, top: 34, bottom: 32 };

/** A chart of finite points in order of x. Long curves are thinned to what can be seen, extremes kept. */
export function lineChart({ title, xLabel, points, smooth = points.length > 60 }: ChartOptions): string {
  const finite = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const x = axis(
    finite.map(([value]) => value),
    area.left,
    width - area.right,
    false,
  );
  const y = axis(
    finite.map(([, value]) => value),
    height - area.bottom,
    area.top,
    true,
  );
  const last = finite.at(-1);
  const yTicks = y.ticks.map((tick) => {
    const at = y.place(tick).toFixed(1);
    const line = `<line class="grid" x1="${area.left}" x2="${width - area.right}" y1="${at}" y2="${at}"/>`;
    return `${line}<text class="tick" x="${area.left - 6}" y="${at}" dy="0.32em" text-anchor="end">${formatNumber(tick)}</text>`;
  });
  const xTicks = x.ticks.map((tick) => {
    return `<text class="tick" x="${x.place(tick).toFixed(1)}" y="${height - area.bottom + 15}" text-anchor="middle">${formatNumber(tick)}</text>`;
  });
  const draw = (curve: readonly Point[]) =>
    thin(curve, width)
      .map(([px, py], i) => `${i === 0 ? "M" : "L"}${x.place(px).toFixed(1)} ${y.place(py).toFixed(1)}`)
      .join("");
  const single = finite.length === 1 && last !== undefined;
  const curves = single
    ? `<circle class="dot" cx="${x.place(last[0]).toFixed(1)}" cy="${y.place(last[1]).toFixed(1)}" r="3"/>`
    : `<path class="${smooth ? "raw" : "curve"}" d="${draw(finite)}"/>${smooth ? `<path class="curve" d="${draw(runningMean(finite))}"/>` : ""}`;
  return [
    `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
    `<text class="title" x="${area.left}" y="18">${escapeHtml(title)}</text>`,
    last === undefined
      ? ""
      : `<text class="last" x="${width - area.right}" y="18" text-anchor="end">${formatNumber(last[1])}</text>`,
    ...yTicks,
    ...xTicks,
    `<text class="tick" x="${width - area.right}" y="${height - 4}" text-anchor="end">${escapeHtml(xLabel)}</text>`,
    finite.length === 0
      ? `<text class="tick" x="${width / 2}" y="${height / 2}" text-anchor="middle">no values</text>`
      : curves,
    "</svg>",
  ].join("");
}

/** A short form of a number: four significant digits, thousands as k, exponent only when needed. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size >= 1e6 || size < 1e-3)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e");
  if (size >= 1e4) return `${Number((value / 1000).toPrecision(4))}k`;
  return String(Number(value.toPrecision(4)));
}

/** Text as HTML or SVG content and attribute value. */
export function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

interface Axis {
  readonly ticks: readonly number[];
  place(value: number): number;
}

function axis(values: readonly number[], from: number, to: number, padded: boolean): Axis {
  const lowest = values.reduce((a, b) => Math.min(a, b), Infinity);
  const highest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const [least, most] = lowest <= highest ? [lowest, highest] : [0, 1];
  const span = most - least || Math.abs(most) || 1;
  const margin = most === least ? span / 2 : padded ? span * 0.05 : 0;
  const [low, high] = [least - margin, most + margin];
  return { ticks: niceTicks(low, high), place: (value) => from + ((value - low) / (high - low)) * (to - from) };
}

/** About four round numbers between two values. */
export function niceTicks(low: number, high: number): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
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

/** Mean over a centred window of a twentieth of the curve. */
function runningMean(points: readonly Point[]): Point[] {
  const half = Math.max(1, Math.round(points.length / 40));
  const sums = [0];
  for (const [, y] of points) sums.push((sums.at(-1) ?? 0) + y);
  return points.map(([x], i) => {
    const [from, to] = [Math.max(0, i - half), Math.min(points.length, i + half + 1)];
    return [x, ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from)];
  });
}
