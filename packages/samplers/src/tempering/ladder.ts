/** Ladders of inverse temperatures, spaced so that all neighbours exchange equally often. */
import { fail } from "@ergodic/tensor";

/** Linear between the knots, constant beyond the first and last. @param xs ascending */
export function interpolate(x: number, xs: readonly number[], ys: readonly number[]): number {
  const above = xs.findIndex((knot) => knot > x);
  if (above <= 0) return above === 0 ? ys[0]! : ys.at(-1)!;
  const share = (x - xs[above - 1]!) / (xs[above]! - xs[above - 1]!);
  return ys[above - 1]! + share * (ys[above]! - ys[above - 1]!);
}

/**
 * As many β between the same ends, with equal rejection of all pairs.
 *
 * β is taken as a function of the cumulated rejections Λ, linear between the measured ones, and
 * read at equal distances. Repeated with new measurements the ladder converges. Syed et al., arXiv
 * 1905.02939, section 5.3.
 *
 * @param rejections r_i of the pair (β_i, β_{i+1}), one fewer than `betas`
 * @throws ValidationError for another number of rejections, or rejections outside [0, 1].
 */
export function retuneLadder(betas: readonly number[], rejections: readonly number[]): number[] {
  const bad = rejections.findIndex((rejection) => !(rejection >= 0 && rejection <= 1));
  if (bad >= 0) fail(`rejections[${bad}] is ${rejections[bad]}`, "numbers in [0, 1]");
  const pairs = betas.length - 1;
  if (rejections.length !== pairs) fail(`rejections has ${rejections.length} entries`, `${pairs}, one per pair`);
  // At least 1e-6, so that the cumulated rejections rise also between neighbours that never reject.
  const cumulated = [0];
  rejections.forEach((rejection, i) => cumulated.push(cumulated[i]! + Math.max(rejection, 1e-6)));
  const barrier = cumulated.at(-1)!;
  return betas.map((beta, i) => (i === 0 || i === pairs ? beta : interpolate((i * barrier) / pairs, cumulated, betas)));
}
