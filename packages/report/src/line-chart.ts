/** Plots curves, such as a metric over iterations. */
import { rangeOf } from "./axis.js";
import { canvas, coordinate, pathThrough, plot, pointsOf, thin, type Point } from "./plot.js";
import { legend } from "./legend.js";
import { escapeHtml, formatNumber } from "./text.js";

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
  const finite = finitePoints(points);
  const last = finite.at(-1);
  const first = finite[0];
  return plot({
    title,
    description:
      first === undefined || last === undefined
        ? `${title}: no values.`
        : `${title} over ${xLabel}: ${formatNumber(first[1])} at ${formatNumber(first[0])}, ` +
          `${formatNumber(last[1])} at ${formatNumber(last[0])}.`,
    xLabel,
    ...(last === undefined ? {} : { note: formatNumber(last[1]) }),
    ...rangesOf([finite]),
    marks(x, y) {
      if (last === undefined) {
        return [`<text x="${canvas.width / 2}" y="${canvas.height / 2}" text-anchor="middle">no values</text>`];
      }
      if (finite.length === 1) {
        return [
          `<circle class="dot" cx="${coordinate(x.place(last[0]))}" cy="${coordinate(y.place(last[1]))}" r="3"/>`,
        ];
      }
      const path = (kind: string, through: readonly Point[], name = ""): string => {
        const shown = thin(through, canvas.width / 2);
        return `<path class="${kind}"${name} data-points="${pointsOf(shown)}" d="${pathThrough(shown, x, y)}"/>`;
      };
      const named = ' data-name="value"';
      return smooth ? [path("raw", finite), path("curve", runningMean(finite), named)] : [path("curve", finite, named)];
    },
  });
}

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

/** A chart of at most eight curves on common axes, with their names. Long curves are smoothed. */
export function curvesChart(
  curves: readonly Curve[],
  { title, xLabel }: { readonly title: string; readonly xLabel: string },
): string {
  const shown = curves.map(({ name, points }) => {
    const finite = finitePoints(points);
    return { name, points: finite.length > 60 ? runningMean(finite) : finite };
  });
  const ends = shown.map(({ name, points }) => `${name} ends at ${formatNumber(points.at(-1)?.[1] ?? NaN)}`);
  return plot({
    title,
    description: `${title} over ${xLabel}: ${ends.join(", ")}.`,
    xLabel,
    ...rangesOf(shown.map(({ points }) => points)),
    marks: (x, y) => [
      ...shown.flatMap(({ name, points }, i) => {
        const some = thin(points, canvas.width / 2);
        if (some.length === 0) return [];
        return [
          `<path class="series c${i % 8}" data-name="${i}" data-points="${pointsOf(some)}" d="${pathThrough(some, x, y)}"><title>${escapeHtml(name)}</title></path>`,
        ];
      }),
      ...legend(curves.map(({ name }) => name)),
    ],
  });
}

const finitePoints = (points: readonly Point[]): Point[] =>
  points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));

const rangesOf = (curves: readonly (readonly Point[])[]) => ({
  x: rangeOf(curves.flatMap((points) => points.map(([x]) => x))),
  y: rangeOf(
    curves.flatMap((points) => points.map(([, y]) => y)),
    0.05,
  ),
});

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
