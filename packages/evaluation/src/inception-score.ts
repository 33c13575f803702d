/**
 * Inception Score: certainty of a classifier about each generated image, and variety over all
 * images.
 */
import { assertInRange, assertPositiveInteger, random, type Key } from "@ergodic/tensor";
import { assertAllFinite, type NumberArray } from "@ergodic/linear-algebra";
import { rowCount } from "./numbers.js";

export interface InceptionScoreOptions {
  /** Default 10. Split i holds rows floor(i n / splits) .. floor((i + 1) n / splits) - 1. */
  readonly splits?: number;
  /**
   * Shuffles the rows first, because images sorted by class inflate the spread. Without it rows
   * stay in order.
   */
  readonly key?: Key;
}

export interface InceptionScore {
  /** Mean over splits, from 1 to the number of classes; higher is better. */
  readonly value: number;
  /** Population standard deviation over splits. */
  readonly sd: number;
  readonly splits: number;
  /** The score of each split. */
  readonly scores: readonly number[];
}

/**
 * `exp(mean_x KL(p(y|x) || mean_x p(y|x)))` per split, where `p` is the softmax of the logits, in
 * float64.
 *
 * The inner mean is taken within a split. The standard network gives 1008 logits, without the bias.
 * Source: Improved Techniques for Training GANs, arXiv 1606.03498.
 *
 * @param logits `[n, classes]` row-major
 * @throws ValidationError when there are fewer rows than splits, rows are incomplete, or a logit is
 *   not finite
 */
export function inceptionScore(
  logits: NumberArray,
  classes: number,
  { splits = 10, key }: InceptionScoreOptions = {},
): InceptionScore {
  assertPositiveInteger({ splits });
  const count = rowCount("the logits", logits, classes, 1);
  assertInRange({ splits }, { max: count }, `there are ${count} rows of logits; a split needs at least one`);
  assertAllFinite("the logits", logits);
  const order =
    key === undefined ? Int32Array.from({ length: count }, (_, i) => i) : random.host.permutation(key, count);
  const bound = (i: number) => Math.floor((i * count) / splits);
  const scores = Array.from({ length: splits }, (_, i) =>
    scoreOf(logits, classes, order.subarray(bound(i), bound(i + 1))),
  );
  const value = scores.reduce((sum, score) => sum + score, 0) / splits;
  return {
    value,
    sd: Math.sqrt(scores.reduce((sum, score) => sum + (score - value) ** 2, 0) / splits),
    splits,
    scores,
  };
}

/** The mean divergence is the entropy of the mean minus the mean entropy. */
function scoreOf(logits: NumberArray, classes: number, rows: Int32Array): number {
  const marginal = new Float64Array(classes);
  let negativeEntropy = 0;
  for (const row of rows) {
    const at = row * classes;
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[at + c]!);
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp(logits[at + c]! - largest);
    const normaliser = largest + Math.log(total);
    for (let c = 0; c < classes; c++) {
      const logProbability = logits[at + c]! - normaliser;
      const probability = Math.exp(logProbability);
      marginal[c]! += probability;
      negativeEntropy += probability * logProbability;
    }
  }
  const ofMean = marginal.reduce((sum, mass) => {
    const probability = mass / rows.length;
    return probability > 0 ? sum + probability * Math.log(probability) : sum;
  }, 0);
  return Math.exp(negativeEntropy / rows.length - ofMean);
}
