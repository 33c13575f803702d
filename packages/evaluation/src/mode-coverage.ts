/** How points are shared among known modes. */
import type { NumberArray } from "@ergodic/linear-algebra";
import { assertPositive, fail } from "@ergodic/tensor";
import { rowCount } from "./numbers.js";

/** An equal mixture of isotropic normal laws. */
export interface Modes {
  readonly means: readonly (readonly number[])[];
  readonly sd: number;
}

export interface ModeCoverage {
  /** The share of points within 2 sd of the nearest mean. */
  readonly highQuality: number;
  /** Modes with at least a quarter of the fair share of the points that are within 3 sd of a mean. */
  readonly covered: number;
  /** The least share of those points in a mode, over the fair share. */
  readonly least: number;
  /** ½ Σ_k |share of points nearest to mode k - 1/K|. */
  readonly totalVariation: number;
  /** K. */
  readonly modes: number;
}

const [close, within, enough] = [2, 3, 0.25];

/**
 * Coverage of the modes by points `[n, d]`, row-major. Points that are not finite are near no mode.
 *
 * @throws ValidationError for no modes, no points, or an sd that is not positive
 */
export function modeCoverage(points: NumberArray, { means, sd }: Modes): ModeCoverage {
  assertPositive({ sd });
  const [first] = means;
  if (first === undefined) fail("there are no modes", "at least one mean");
  const d = first.length;
  const n = rowCount("the points", points, d, 1);
  const [nearest, inside] = [new Int32Array(means.length), new Int32Array(means.length)];
  let high = 0;
  for (let i = 0; i < n; i++) {
    const [mode, distance] = nearestMean(points, i * d, means);
    if (mode < 0) continue;
    nearest[mode]!++;
    if (distance <= within * sd) inside[mode]!++;
    if (distance <= close * sd) high++;
  }
  const fair = inside.reduce((sum, count) => sum + count, 0) / means.length;
  return {
    highQuality: high / n,
    covered: fair === 0 ? 0 : inside.filter((count) => count >= enough * fair).length,
    least: fair === 0 ? 0 : Math.min(...inside) / fair,
    totalVariation: nearest.reduce((sum, count) => sum + Math.abs(count / n - 1 / means.length), 0) / 2,
    modes: means.length,
  };
}

/** The number of the nearest mean and its distance; -1 for a point that is not finite. */
function nearestMean(points: NumberArray, at: number, means: Modes["means"]): readonly [number, number] {
  let best: [number, number] = [-1, Infinity];
  means.forEach((mean, k) => {
    const distance = Math.sqrt(mean.reduce((sum, m, j) => sum + (points[at + j]! - m) ** 2, 0));
    if (distance < best[1]) best = [k, distance];
  });
  return best;
}
