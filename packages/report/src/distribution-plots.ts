/** Plots of distributions: overlaid histograms, and points in the plane. */
import { rangeOf } from "./axis.js";
import { legend } from "./legend.js";
import { barsPath, canvas, coordinate, plot, type Point } from "./plot.js";
import { escapeHtml } from "./text.js";

export interface Sample {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

const bins = 40;

/** Shares of the values in `bins` equal parts of a range. */
function shares(values: ArrayLike<number>, [low, high]: readonly [number, number]): number[] {
  const counts = new Array<number>(bins).fill(0);
  const finite = Array.from(values).filter(Number.isFinite);
  for (const value of finite) counts[Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))]!++;
  return counts.map((count) => count / Math.max(1, finite.length));
}

/** Overlays histograms of at most eight samples, each scaled to its own number of values. */
export function histogramPlot(
  samples: readonly Sample[],
  { title, xLabel }: { readonly title: string; readonly xLabel: string },
): string {
  const range = rangeOf(
    samples.flatMap(({ values }) => Array.from(values)),
    0.02,
  );
  const heights = samples.map(({ values }) => shares(values, range));
  return plot({
    title,
    description: `Histograms of ${samples.map(({ name }) => name).join(" and ")}.`,
    xLabel,
    x: range,
    y: [0, Math.max(1e-9, ...heights.flat()) * 1.05],
    yTicks: false,
    marks: (x, y) => [
      ...heights.map((values, i) => {
        const floor = y.place(0);
        return `<path class="bars c${i}" d="${barsPath(values, x, (share) => floor - y.place(share), floor)}"/>`;
      }),
      ...legend(samples.map(({ name }) => name)),
    ],
  });
}

export interface ScatterOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Points drawn on top of all others, and their name. */
  readonly marked?: { readonly name: string; readonly points: readonly Point[] };
}

/** Maximum number of points drawn, evenly spaced among the given ones. */
const shownPoints = 1500;

/** Plots points in the plane. */
export function scatterPlot(points: readonly Point[], { title, xLabel, yLabel, marked }: ScatterOptions): string {
  const every = Math.max(1, Math.ceil(points.length / shownPoints));
  const shown = points.filter((_, i) => i % every === 0);
  const all = [...shown, ...(marked?.points ?? [])];
  const some = marked !== undefined && marked.points.length > 0;
  return plot({
    title,
    description: `${yLabel} against ${xLabel}, ${shown.length} of ${points.length} points.`,
    xLabel,
    ...(some ? { note: `× ${marked.name}` } : {}),
    x: rangeOf(
      all.map(([x]) => x),
      0.03,
    ),
    y: rangeOf(
      all.map(([, y]) => y),
      0.03,
    ),
    marks: (x, y) => [
      `<path class="points c0" d="${shown.map(([px, py]) => `M${coordinate(x.place(px))} ${coordinate(y.place(py))}h0`).join("")}"/>`,
      some
        ? `<path class="marked" d="${marked.points.map((point) => cross(x.place(point[0]), y.place(point[1]))).join("")}"/>`
        : "",
      `<text x="${canvas.left + 4}" y="${canvas.top + 8}">${escapeHtml(yLabel)}</text>`,
    ],
  });
}

const cross = (x: number, y: number): string => `M${coordinate(x - 3)} ${coordinate(y - 3)}l6 6m-6 0l6 -6`;
