/** Monte Carlo standard errors of estimates from draws. Vehtari et al. (2021), arXiv 1903.08008. */
import { assertInRange } from "@ergodic/tensor";
import { betaQuantile } from "./beta-quantile.js";
import { chainsFrom, pooled, splitChains, type Chains, type Draws } from "./draws.js";
import { atMost, effectiveSize, essMean, squaredDeviations } from "./effective-size.js";
import { inRange } from "./in-range.js";
import { mean, quantileOfSorted, variance } from "./moments.js";

/**
 * Standard error of the mean of all draws: sd/√ESS.
 *
 * @throws ValidationError for fewer than 4 draws, chains of unequal length or numbers that are not
 *   finite; so do all below.
 */
export function mcseMean(draws: Draws): number {
  const { chains, scale } = inRange(chainsFrom(draws));
  return scale * Math.sqrt(variance(pooled(chains)) / essMean(chains));
}

/**
 * The standard error of the sd, of draws of ordinary size, by the delta method: √(Var(d)/(4 ESS(d)
 * mean(d))), d = (x - mean)².
 *
 * 0 if all draws are equal.
 */
export function sdError(chains: Chains): number {
  const deviations = squaredDeviations(chains, mean(pooled(chains)));
  const all = pooled(deviations);
  const centre = mean(all);
  if (centre === 0) return 0;
  const spread = mean(squaredDeviations([all], centre)[0]!);
  return Math.sqrt(spread / effectiveSize(splitChains(deviations)) / centre / 4);
}

/**
 * Standard error of the standard deviation of all draws, by the delta method from the variance of
 * (x - mean)².
 */
export function mcseSd(draws: Draws): number {
  const { chains, scale } = inRange(chainsFrom(draws));
  return scale * sdError(chains);
}

/**
 * Standard error of the p-quantile: half the distance between the order statistics at the 16 % and
 * 84 % points of Beta(ESS p + 1, ESS (1 - p) + 1), the law of the quantile's rank.
 *
 * @throws ValidationError also for p outside [0, 1].
 */
export function mcseQuantile(draws: Draws, p: number): number {
  assertInRange({ p }, { min: 0, max: 1 });
  const chains = chainsFrom(draws);
  const sorted = pooled(chains).sort();
  const size = effectiveSize(splitChains(atMost(chains, quantileOfSorted(sorted, p))));
  // Φ(∓1), with as many digits as the published method has.
  const [low, high] = [0.1586553, 0.8413447].map(
    (share) => betaQuantile(share, size * p + 1, size * (1 - p) + 1) * sorted.length - 1,
  ) as [number, number];
  const from = sorted[Math.floor(Math.max(low, 0))]!;
  const to = sorted[Math.ceil(Math.min(high, sorted.length - 1))]!;
  return to / 2 - from / 2;
}
