/**
 * Running moments of every number of every chain, in float64. Memory does not depend on the number
 * of draws.
 */
import { observe, startWelford, type Welford } from "../adaptation/welford.js";
import { mean } from "../diagnostics/moments.js";

/** Estimates of one number of the position. */
export interface RunningEstimates {
  readonly mean: number;
  readonly sd: number;
  /** Monte Carlo standard error of `mean`, by batch means. */
  readonly mcseMean: number;
  /**
   * sd²/mcseMean²: the number of independent draws that would estimate the mean as well; the number
   * of draws where all are equal.
   */
  readonly essMean: number;
  /**
   * Split R-hat of the draws, without ranks; NaN where all are equal, Infinity where each chain is
   * constant at a different value.
   */
  readonly rHat: number;
}

export interface RunningMoments {
  /** Adds draw number `t` of every chain, `[chains, size]`. */
  observe(rows: Float64Array, t: number): void;
  /** One entry for each number of the position. */
  estimates(): RunningEstimates[];
}

/** The variance that Welford's updates hold for number i. */
const varianceOf = ({ spread, count }: Welford, i: number): number => spread[i]! / (count - 1);

/**
 * Moments of runs of `draws` draws.
 *
 * Half chains are the first and last ⌊draws/2⌋ draws, as in {@link splitRHat}. Batches are ⌊√draws⌋
 * successive draws of a chain. The standard error is √(s²/k) with s² the variance of all k means of
 * full batches of all chains, so chains that disagree increase it.
 *
 * Flegal and Jones, "Batch means and spectral variance estimators in Markov chain Monte Carlo",
 * Annals of Statistics 38 (2010).
 */
export function runningMoments(chains: number, size: number, draws: number): RunningMoments {
  const half = Math.floor(draws / 2);
  const batch = Math.floor(Math.sqrt(draws));
  const all = startWelford(size, false);
  const halves = Array.from({ length: 2 * chains }, () => startWelford(size, false));
  const batches = startWelford(size, false);
  const sums = new Float64Array(chains * size);
  return {
    observe(rows, t) {
      observe(all, rows);
      for (let c = 0; c < chains; c++) {
        const row = rows.subarray(c * size, (c + 1) * size);
        if (t < half) observe(halves[2 * c]!, row);
        if (t >= draws - half) observe(halves[2 * c + 1]!, row);
      }
      for (let i = 0; i < sums.length; i++) sums[i]! += rows[i]!;
      if ((t + 1) % batch > 0) return;
      observe(
        batches,
        sums.map((sum) => sum / batch),
      );
      sums.fill(0);
    },
    estimates: () =>
      Array.from({ length: size }, (_, i) => {
        const variance = varianceOf(all, i);
        const squaredError = varianceOf(batches, i) / batches.count;
        const centre = mean(halves.map((own) => own.mean[i]!));
        const between = halves.reduce((sum, own) => sum + (own.mean[i]! - centre) ** 2, 0) / (halves.length - 1);
        const within = mean(halves.map((own) => varianceOf(own, i)));
        return {
          mean: all.mean[i]!,
          sd: Math.sqrt(variance),
          mcseMean: Math.sqrt(squaredError),
          essMean: variance === 0 ? all.count : variance / squaredError,
          rHat: Math.sqrt(between / within + (half - 1) / half),
        };
      }),
  };
}
