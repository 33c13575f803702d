/** Plots of Markov chains: traces, ranks and autocorrelations, with one colour per chain. */
import { rangeOf } from "./axis.js";
import { barsPath, canvas, coordinate, pathThrough, plot } from "./plot.js";

/** A number along chains, `[chain][draw]`. */
export type Series = readonly ArrayLike<number>[];

/** The CSS class with the colour of chain c. There are eight colours. */
export const chainClass = (c: number): string => `c${c % 8}`;

function* allOf(series: Series): Generator<number> {
  for (const values of series) yield* Array.from(values);
}

/** A trace shows the minimum and maximum of this many segments. Pages stay small. */
const traceSlots = 180;

export interface TraceOptions {
  readonly title: string;
  readonly xLabel?: string;
  /** A reference level, such as the exact mean, and its name. */
  readonly level?: { readonly value: number; readonly name: string };
  /** The number of the first draw and the distance between draws. Default 0 and 1. */
  readonly from?: number;
  readonly every?: number;
}

/** Plots the values of every chain over its draws. Traces of chains that mix overlap. */
export function tracePlot(series: Series, options: TraceOptions): string {
  const { title, xLabel = "draw", level, from = 0, every = 1 } = options;
  const length = series[0]?.length ?? 0;
  const values = level === undefined ? allOf(series) : [...allOf(series), level.value];
  return plot({
    title,
    description: `Trace of ${series.length} chains of ${length} draws.`,
    xLabel,
    ...(level === undefined ? {} : { note: `- - ${level.name}` }),
    x: rangeOf([from, from + (length - 1) * every]),
    y: rangeOf(values, 0.05),
    marks: (x, y) => [
      ...series.map((chain, c) => {
        const points = Array.from(chain, (value, t) => [from + t * every, value] as const);
        const finite = points.filter(([, value]) => Number.isFinite(value));
        return `<path class="chain ${chainClass(c)}" d="${pathThrough(finite, x, y, traceSlots)}"/>`;
      }),
      ...(level === undefined ? [] : [levelLine(coordinate(y.place(level.value)))]),
    ],
  });
}

const levelLine = (at: string): string =>
  `<line class="level" x1="${canvas.left}" x2="${canvas.width - canvas.right}" y1="${at}" y2="${at}"/>`;

/**
 * Plots how often each chain has draws in equal parts of the pooled ranks, one row of bars per
 * chain.
 *
 * The dashed line is the count of chains with the same distribution. Vehtari et al.,
 * "Rank-normalization, folding, and localization: an improved R-hat" (2021), arXiv 1903.08008.
 *
 * @param counts `[chain][part]`
 */
export function rankPlot(counts: readonly (readonly number[])[], { title }: { readonly title: string }): string {
  const { left, right, top, bottom, width, height } = canvas;
  const row = (height - top - bottom) / Math.max(1, counts.length);
  const expected = (chain: readonly number[]): number => chain.reduce((sum, n) => sum + n, 0) / chain.length;
  const highest = Math.max(1, ...counts.flatMap((chain) => [2 * expected(chain), ...chain]));
  const heightOf = (n: number): number => (n / highest) * row * 0.9;
  return plot({
    title,
    description: `Histograms of the ranks of ${counts.length} chains among all draws; equal bars where chains have one law.`,
    xLabel: "rank among all draws, %",
    x: [0, 100],
    y: [0, 1],
    yTicks: false,
    marks: (x) =>
      counts.flatMap((chain, c) => {
        const floor = top + (c + 1) * row;
        const level = coordinate(floor - heightOf(expected(chain)));
        return [
          `<path class="bars ${chainClass(c)}" d="${barsPath(chain, x, heightOf, floor)}"/>`,
          `<line class="level" x1="${left}" x2="${width - right}" y1="${level}" y2="${level}"/>`,
          row < 11 ? "" : `<text x="${left - 6}" y="${coordinate(floor)}" dy="-0.2em" text-anchor="end">${c}</text>`,
        ];
      }),
  });
}

/**
 * Plots autocorrelations of every chain from lag 0 on, and their mean over chains in bold.
 *
 * @param correlations `[chain][lag]`
 */
export function correlationPlot(
  correlations: Series,
  { title, xLabel = "lag, draws", note }: { readonly title: string; readonly xLabel?: string; readonly note?: string },
): string {
  const lags = correlations[0]?.length ?? 0;
  const mean = Array.from(
    { length: lags },
    (_, lag) => correlations.reduce((sum, chain) => sum + (chain[lag] ?? 0), 0) / correlations.length,
  );
  const [low] = rangeOf(allOf(correlations));
  return plot({
    title,
    description: `Autocorrelation of ${correlations.length} chains up to lag ${Math.max(0, lags - 1)}.`,
    xLabel,
    ...(note === undefined ? {} : { note }),
    x: rangeOf([0, Math.max(1, lags - 1)]),
    y: [Math.min(-0.1, low), 1],
    marks(x, y) {
      const path = (values: ArrayLike<number>): string => {
        const points = Array.from(values, (value, lag) => [lag, value] as const);
        return pathThrough(
          points.filter(([, value]) => Number.isFinite(value)),
          x,
          y,
        );
      };
      return [
        ...correlations.map((chain, c) => `<path class="chain ${chainClass(c)}" d="${path(chain)}"/>`),
        levelLine(coordinate(y.place(0))),
        `<path class="mean" d="${path(mean)}"/>`,
      ];
    },
  });
}
