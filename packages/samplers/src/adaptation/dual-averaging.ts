/**
 * Dual averaging of a step size, which settles where the mean acceptance probability is the target.
 *
 * With a_t the acceptance probability of step t,
 *
 *   H̄ ← (1 - 1/(t + t₀)) H̄ + (δ - a_t)/(t + t₀),
 *   log ε = μ - (√t/γ) H̄,
 *   log ε̄ ← t^-κ log ε + (1 - t^-κ) log ε̄,
 *
 * where μ = log(b ε₀), b = 10 and γ = 0.05 by default, t₀ = 10, κ = 0.75. Hoffman and Gelman,
 * arXiv 1111.4246, section 3.2.
 *
 * One acceptance probability moves log ε by √t/(γ (t + t₀)) times its miss. That factor must stay
 * below 2/|da/dlog ε|, or ε swings from one side of the target to the other and its average ε̄ is
 * too small. At t = t₀ it is 3.2 for γ = 0.05. See {@link shrinkageFor}.
 */
const [delay, kappa] = [10, 0.75];

/** Steps stay within [1e-10, 1e5]. */
const clip = (stepSize: number): number => Math.min(Math.max(stepSize, 1e-10), 1e5);

export interface DualAveraging {
  /** ε: for the next step while adapting. */
  readonly stepSize: number;
  /** ε̄: to keep when adaptation ends. */
  readonly averaged: number;
  readonly count: number;
  /** H̄. */
  readonly error: number;
  /** μ. */
  readonly centre: number;
  /** γ. */
  readonly shrinkage: number;
}

/**
 * γ for a target δ: 0.05, as in Hoffman and Gelman, and 0.1 below 0.8, where the acceptance
 * falls too steeply with log ε for that.
 *
 * In many dimensions it is 2Φ(-c ε^k), k = 3 for MALA and 2 for longer trajectories; Beskos et al.,
 * arXiv 1001.4460. At 0.8 it falls by less than 0.6 per unit of log ε; at MALA's 0.574 by 1.15, and
 * with γ = 0.05 averages over chains end at 0.73.
 */
export const shrinkageFor = (target: number): number => (target < 0.8 ? 0.1 : 0.05);

/**
 * Begins at the step size ε₀.
 *
 * @param boldness b. The first sizes are tried near b ε₀; averages over fewer than some 20 steps
 *   keep them, and need b = 1.
 */
export const startDualAveraging = (stepSize: number, shrinkage = 0.05, boldness = 10): DualAveraging => ({
  stepSize,
  averaged: 1,
  count: 0,
  error: 0,
  centre: Math.log(boldness * stepSize),
  shrinkage,
});

/** After a step whose acceptance probability, the mean over chains, was `acceptance`. */
export function dualAverage(state: DualAveraging, acceptance: number, target: number): DualAveraging {
  const count = state.count + 1;
  const weight = 1 / (count + delay);
  const error = (1 - weight) * state.error + weight * (target - acceptance);
  const stepSize = clip(Math.exp(state.centre - (Math.sqrt(count) / state.shrinkage) * error));
  const fresh = count ** -kappa;
  const averaged = Math.exp(fresh * Math.log(stepSize) + (1 - fresh) * Math.log(state.averaged));
  const { centre, shrinkage } = state;
  return { stepSize, averaged, count, error, centre, shrinkage };
}
