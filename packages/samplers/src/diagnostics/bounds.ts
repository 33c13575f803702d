/** Bounds beyond which the diagnostics of chains show a problem. */

/** R-hat above which chains disagree. Vehtari et al. (2021), arXiv 1903.08008. */
export const highestRHat = 1.01;

/** Minimum number of effective draws per chain, for the bulk and for the tails. */
export const leastEffectiveSize = 100;
