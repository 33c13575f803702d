/**
 * Effective sample sizes: the number of independent draws that would estimate as well as these
 * correlated ones.
 *
 * Autocorrelations are pooled over half chains, and their sum is cut by Geyer's initial monotone
 * sequence, as in Stan and ArviZ. Negatively correlated draws can be worth more than independent
 * ones, so sizes above S, the number of draws, are right.
 *
 * Vehtari et al. (2021), arXiv 1903.08008.
 */
import { assertInRange } from "@ergodic/tensor";
import { autocovarianceAt } from "./autocovariance.js";
import { chainsFrom, pooled, splitChains, type Chains, type Draws } from "./draws.js";
import { inRange } from "./in-range.js";
import { mean, quantileOfSorted, variance } from "./moments.js";
import { rankNormalise } from "./ranks.js";

/**
 * S/τ of m chains of n draws, S = mn, τ = -1 + 2 Σ ρ_t.
 *
 * ρ_t = 1 - (W - acov_t)/var⁺ with var⁺ = W(n - 1)/n + variance of chain means. Lags are summed in
 * pairs (2k, 2k + 1):
 *   - The scan ends with a pair whose sum is not positive, or at lag n - 3.
 *   - The sum of a pair is at most that of the pair before it.
 *   - The even lag of the last pair is counted once if it is positive.
 *   - τ is at least 1/log₁₀ S.
 */
export function effectiveSize(draws: Chains): number {
  const n = draws[0]!.length;
  const total = draws.length * n;
  if (isConstant(draws)) return total;
  const { chains } = inRange(draws);
  const covariance = autocovarianceAt(chains);
  const atZero = covariance(0);
  const within = (atZero * n) / (n - 1);
  const overall = atZero + (chains.length > 1 ? variance(chains.map(mean)) : 0);
  const rho = (lag: number): number => (lag === 0 ? 1 : 1 - (within - covariance(lag)) / overall);
  let sum = 0;
  let previous = Infinity;
  for (let lag = 0; ; lag += 2) {
    const pair = rho(lag) + rho(lag + 1);
    if (pair <= 0 || lag + 3 > n - 3) {
      const tau = -1 + 2 * sum + Math.max(0, rho(lag));
      return total / Math.max(tau, 1 / Math.log10(total));
    }
    previous = Math.min(pair, previous);
    sum += previous;
  }
}

export function isConstant(chains: Chains): boolean {
  const first = chains[0]![0]!;
  return chains.every((chain) => chain.every((value) => value === first));
}

/** 1 where x ≤ limit, else 0. */
export const atMost = (chains: Chains, limit: number): Float64Array[] =>
  chains.map((chain) => chain.map((value) => (value <= limit ? 1 : 0)));

/** (x - centre)². */
export const squaredDeviations = (chains: Chains, centre: number): Float64Array[] =>
  chains.map((chain) => chain.map((value) => (value - centre) ** 2));

/**
 * Effective sample size for the mean: of the half chains as they are.
 *
 * @throws ValidationError for fewer than 4 draws, chains of unequal length or numbers that are not
 *   finite; so do all below.
 */
export const essMean = (draws: Draws): number => effectiveSize(splitChains(chainsFrom(draws)));

/**
 * Effective sample size of the bulk: of the normal scores of the half chains' ranks. Aim for 100
 * per chain.
 */
export const essBulk = (draws: Draws): number => effectiveSize(rankNormalise(splitChains(chainsFrom(draws))));

/** Effective sample size for the standard deviation: of (x - mean)². */
export function essSd(draws: Draws): number {
  const { chains } = inRange(chainsFrom(draws));
  return effectiveSize(splitChains(squaredDeviations(chains, mean(pooled(chains)))));
}

/**
 * Effective sample size for the p-quantile q: of the indicator x ≤ q.
 *
 * @throws ValidationError also for p outside [0, 1].
 */
export function essQuantile(draws: Draws, p: number): number {
  assertInRange({ p }, { min: 0, max: 1 });
  const chains = chainsFrom(draws);
  return effectiveSize(splitChains(atMost(chains, quantileOfSorted(pooled(chains).sort(), p))));
}

/**
 * Effective sample size of the tails: the smaller of those for the 5 % and 95 % quantiles. Aim for
 * 100 per chain.
 */
export const essTail = (draws: Draws): number => Math.min(essQuantile(draws, 0.05), essQuantile(draws, 0.95));

/**
 * Integrated autocorrelation time τ of the mean, in draws: the draws of the half chains over {@link
 * essMean}. 1 for independent draws.
 */
export function integratedAutocorrelationTime(draws: Draws): number {
  const halves = splitChains(chainsFrom(draws));
  return (halves.length * halves[0]!.length) / effectiveSize(halves);
}
