/** Plots a single curve, such as a metric over iterations. */
import { rangeOf } from "./axis.js";
import { canvas, coordinate, pathThrough, plot, type Point } from "./plot.js";
import { formatNumber } from "./text.js";

export interface LineChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly points: readonly Point[];
  /**
   * Whether to draw a running mean over the raw curve. Default: if there are more than 60 points.
   */
  readonly smooth?: boolean;
}

/**
 * A chart of the finite points, in order of x. Long curves are thinned to the visible resolution,
 * and extremes are kept.
 */
export function lineChart({ title, xLabel, points, smooth = points.length > 60 }: LineChartOptions): string {
  const finite = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const last = finite.at(-1);
  return plot({
    title,
    xLabel,
    ...(last === undefined ? {} : { note: formatNumber(last[1]) }),
    x: rangeOf(finite.map(([x]) => x)),
    y: rangeOf(
      finite.map(([, y]) => y),
      0.05,
    ),
    marks(x, y) {
      if (last === undefined) {
        return [`<text x="${canvas.width / 2}" y="${canvas.height / 2}" text-anchor="middle">no values</text>`];
      }
      if (finite.length === 1) {
        return [
          `<circle class="dot" cx="${coordinate(x.place(last[0]))}" cy="${coordinate(y.place(last[1]))}" r="3"/>`,
        ];
      }
      const raw = `<path class="${smooth ? "raw" : "curve"}" d="${pathThrough(finite, x, y)}"/>`;
      return smooth ? [raw, `<path class="curve" d="${pathThrough(runningMean(finite), x, y)}"/>`] : [raw];
    },
  });
}

/** Mean over a centred window with a twentieth of the points. */
function runningMean(points: readonly Point[]): Point[] {
  const half = Math.max(1, Math.round(points.length / 40));
  const sums = [0];
  for (const [, y] of points) sums.push((sums.at(-1) ?? 0) + y);
  return points.map(([x], i) => {
    const [from, to] = [Math.max(0, i - half), Math.min(points.length, i + half + 1)];
    return [x, ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from)];
  });
}
