/**
 * Dual averaging of a step size: it settles where the mean acceptance probability is the one asked for.
 *
 * With a_t the acceptance probability of step t,
 *   H̄ ← (1 - 1/(t + t₀)) H̄ + (δ - a_t)/(t + t₀),  log ε = μ - (√t/γ) H̄,  log ε̄ ← t^-κ log ε + (1 - t^-κ) log ε̄,
 * with μ = log(10 ε₀), γ = 0.05, t₀ = 10, κ = 0.75. Hoffman and Gelman, arXiv 1111.4246, section 3.2.
 */
const [gamma, delay, kappa] = [0.05, 10, 0.75];

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
}

/** Begins at the step size ε₀. */
export const startDualAveraging = (stepSize: number): DualAveraging => ({
  stepSize,
  averaged: 1,
  count: 0,
  error: 0,
  centre: Math.log(10 * stepSize),
});

/** After a step whose acceptance probability, the mean over chains, was `acceptance`. */
export function dualAverage(state: DualAveraging, acceptance: number, target: number): DualAveraging {
  const count = state.count + 1;
  const weight = 1 / (count + delay);
  const error = (1 - weight) * state.error + weight * (target - acceptance);
  const stepSize = clip(Math.exp(state.centre - (Math.sqrt(count) / gamma) * error));
  const fresh = count ** -kappa;
  const averaged = Math.exp(fresh * Math.log(stepSize) + (1 - fresh) * Math.log(state.averaged));
  return { ...state, stepSize, averaged, count, error };
}
