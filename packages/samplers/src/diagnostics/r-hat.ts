/**
 * R-hat: the variance between chains relative to the variance within chains. 1 is agreement.
 *
 * Its threshold is 1.01, for at least four chains from scattered starts. No R-hat sees a mode that
 * no chain has visited.
 *
 * Vehtari, Gelman, Simpson, Carpenter, Bürkner, "Rank-normalization, folding, and localization: an
 * improved R-hat" (2021), arXiv 1903.08008.
 */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { chainsFrom, splitChains, type Chains, type Draws } from "./draws.js";
import { inRange } from "./in-range.js";
import { mean, variance } from "./moments.js";
import { ranked, rankNormalise } from "./ranks.js";

/** √((B/W + n - 1)/n), B = n times the variance of chain means, W = mean of chain variances. */
export function rHatOf(draws: Chains): number {
  const { chains } = inRange(draws);
  const n = chains[0]!.length;
  const between = n * variance(chains.map(mean));
  const within = mean(chains.map(variance));
  return Math.sqrt((between / within + n - 1) / n);
}

/**
 * The classic R-hat of whole chains, √((B/W + n - 1)/n) with B = n · variance of chain means and W
 * = mean of chain variances.
 *
 * NaN when all draws are equal, Infinity when chains are constant at different values.
 *
 * @throws ValidationError for fewer than 2 chains or 4 draws, chains of unequal length or numbers
 *   that are not finite.
 */
export const basicRHat = (draws: Draws): number => rHatOf(chainsFrom(draws, { chains: 2 }));

/**
 * {@link basicRHat} of half chains, which sees trends too. It works for a single chain; other
 * errors are those of basicRHat.
 */
export const splitRHat = (draws: Draws): number => rHatOf(splitChains(chainsFrom(draws)));

/**
 * {@link splitRHat} of the normal scores of ranks: compares locations, and needs no finite moments.
 */
export const bulkRHat = (draws: Draws): number => rHatOf(rankNormalise(splitChains(chainsFrom(draws))));

/**
 * {@link bulkRHat} of |x - median|: compares spread and tails. NaN where all |x - median| are
 * equal, as for two values of equal share.
 */
export const foldedRHat = (draws: Draws): number =>
  rHatOf(ranked(splitChains(inRange(chainsFrom(draws)).chains)).foldedScores);

/** The larger of the two; the bulk alone where the folded draws have no spread. */
export const largerRHat = (bulk: number, folded: number): number =>
  Number.isNaN(folded) ? bulk : Math.max(bulk, folded);

/**
 * The R-hat to use: the larger of {@link bulkRHat} and {@link foldedRHat}. Above 1.01 the chains
 * disagree.
 *
 * NaN when all draws are equal, Infinity when chains are constant at different values.
 */
export function rHat(draws: Draws): number {
  const { scores, foldedScores } = ranked(splitChains(inRange(chainsFrom(draws)).chains));
  return largerRHat(rHatOf(scores), rHatOf(foldedScores));
}

/**
 * Nested R-hat for many short chains: √(1 + B/W), with chains in consecutive groups ("superchains")
 * that share a start.
 *
 * B is the variance of the group means. W is the mean over groups of the variance of the chain
 * means in the group (if a group has more than one chain) plus the mean variance within its chains
 * (if they have more than one draw). Margossian et al., "Nested R-hat: assessing the convergence of
 * Markov chain Monte Carlo when running many short chains", arXiv 2110.13017.
 *
 * @param draws `[groups · chains per group][draws]`, one draw is enough
 * @throws ValidationError for fewer than 2 groups, chains that do not fill them, or single chains
 *   of a single draw.
 */
export function nestedRHat(draws: Draws, superchains: number): number {
  assertPositiveInteger({ superchains });
  if (superchains < 2) fail("superchains is 1", "at least 2", "start groups of chains at different points");
  const { chains } = inRange(chainsFrom(draws, { draws: 1 }));
  const size = chains.length / superchains;
  if (!Number.isInteger(size)) fail(`there are ${chains.length} chains`, `a multiple of superchains = ${superchains}`);
  const length = chains[0]!.length;
  if (size === 1 && length === 1) fail("every superchain is one draw", "more chains in each, or more draws");
  const groups = Array.from({ length: superchains }, (_, k) => chains.slice(k * size, (k + 1) * size));
  const within = groups.map(
    (group) => (size > 1 ? variance(group.map(mean)) : 0) + (length > 1 ? mean(group.map(variance)) : 0),
  );
  const between = variance(groups.map((group) => mean(group.map(mean))));
  return Math.sqrt(1 + between / mean(within));
}
