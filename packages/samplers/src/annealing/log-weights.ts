/** Sums of weights given by their logarithms, in float64. */
import { normalisedWeights } from "../diagnostics/importance.js";

/** log of the mean of exp: -Infinity when every weight is 0. */
export function logMeanExp(logs: ArrayLike<number>): number {
  let highest = -Infinity;
  for (let i = 0; i < logs.length; i++) highest = Math.max(highest, logs[i]!);
  if (highest === -Infinity) return highest;
  let sum = 0;
  for (let i = 0; i < logs.length; i++) sum += Math.exp(logs[i]! - highest);
  return highest + Math.log(sum / logs.length);
}

/**
 * (Σ W u)²/Σ W u² with normalised W ∝ exp(logWeights) and u = exp(logIncrements): 1 when the
 * increments are equal.
 */
export function conditionalSize(logWeights: readonly number[], logIncrements: readonly number[]): number {
  const first = logWeights.map((logWeight, i) => logWeight + logIncrements[i]!);
  const second = first.map((value, i) => value + logIncrements[i]!);
  return Math.exp(2 * logMeanExp(first) - logMeanExp(second) - logMeanExp(logWeights));
}

/**
 * log Σ exp(logs) of each group: entry g is over the draws with `groups[i] === g`. There are as
 * many groups as draws.
 */
export function logSumByGroup(logs: Float64Array, groups: Int32Array): Float64Array {
  const highest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const sums = new Float64Array(logs.length);
  if (highest > -Infinity) groups.forEach((group, i) => (sums[group]! += Math.exp(logs[i]! - highest)));
  return sums.map((sum) => Math.log(sum) + (sum > 0 ? highest : 0));
}

/**
 * Systematic resampling of N places with one uniform number u in [0, 1): draw i gets ⌊N W_i⌋ or ⌈N
 * W_i⌉ places. Kitagawa (1996).
 *
 * @returns for each place the index of its draw, ascending
 */
export function systematicResample(logWeights: Float64Array, u: number): Int32Array {
  const weights = normalisedWeights(logWeights);
  const count = weights.length;
  const chosen = new Int32Array(count);
  // The last draw with a weight gets the places that rounding leaves over.
  let last = count - 1;
  while (weights[last] === 0) last -= 1;
  let draw = 0;
  let cumulated = weights[0]!;
  for (let place = 0; place < count; place++) {
    const point = (place + u) / count;
    while (point >= cumulated && draw < last) cumulated += weights[++draw]!;
    chosen[place] = draw;
  }
  return chosen;
}
