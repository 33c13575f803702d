/** Scores of translated examples whose true counterparts are known. */
import { fail } from "@ergodic/tensor";
import type { NumberArray } from "@ergodic/linear-algebra";

/** Examples as rows, row-major `[count, size]`. */
export interface Rows {
  readonly values: NumberArray;
  readonly count: number;
  /** Numbers of an example. */
  readonly size: number;
}

/** Scores of outputs against their true counterparts. */
export interface PairedScores {
  /** Mean |output - truth|, as a share of the range of values. */
  readonly mae: number;
  /**
   * The mean over outputs of 10 log10(1/MSE) in dB, with the MSE as a share of the squared range.
   */
  readonly psnr: number;
  /** Share of outputs whose nearest truth (Euclidean, among all) is their own. */
  readonly retrieval: number;
}

/** @throws ValidationError unless both have equally many rows of one size. */
function assertAlike(a: Rows, b: Rows): void {
  if (a.count !== b.count || a.size !== b.size)
    fail(`there are ${a.count} rows of ${a.size} and ${b.count} rows of ${b.size}`, "equally many of one size");
}

function squaredDistance(a: Rows, i: number, b: Rows, j: number): number {
  let sum = 0;
  const [from, to] = [i * a.size, j * b.size];
  for (let k = 0; k < a.size; k++) sum += (a.values[from + k]! - b.values[to + k]!) ** 2;
  return sum;
}

/**
 * Scores of rows that belong together in order.
 *
 * @param range the largest value less the smallest possible one, 2 for images in [-1, 1]
 * @throws ValidationError for rows of other counts or sizes
 */
export function pairedScores(outputs: Rows, truths: Rows, range = 2): PairedScores {
  assertAlike(outputs, truths);
  const { count, size } = outputs;
  let [absolute, decibels] = [0, 0];
  for (let i = 0; i < count; i++) {
    for (let k = i * size; k < (i + 1) * size; k++) absolute += Math.abs(outputs.values[k]! - truths.values[k]!);
    decibels -= 10 * Math.log10(squaredDistance(outputs, i, truths, i) / (size * range * range));
  }
  return { mae: absolute / (count * size * range), psnr: decibels / count, retrieval: retrieval(outputs, truths) };
}

/** The share of rows whose nearest row of `truths` is the one at their own place. */
export function retrieval(outputs: Rows, truths: Rows): number {
  let right = 0;
  for (let i = 0; i < outputs.count; i++) {
    const own = squaredDistance(outputs, i, truths, i);
    let nearest = true;
    for (let j = 0; nearest && j < truths.count; j++) nearest = j === i || squaredDistance(outputs, i, truths, j) > own;
    if (nearest) right += 1;
  }
  return right / outputs.count;
}

/** The root of the mean squared distance between two different rows, per number. */
export function spread({ values, count, size }: Rows): number {
  // The mean over pairs of |a - b|² is 2 n/(n - 1) times the variance, summed over numbers.
  let variance = 0;
  for (let k = 0; k < size; k++) {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i++) {
      const value = values[i * size + k]!;
      sum += value;
      squares += value * value;
    }
    variance += squares / count - (sum / count) ** 2;
  }
  return Math.sqrt((2 * Math.max(0, variance) * count) / ((count - 1) * size));
}

/** The mean row, `count` times. */
export function meanRows({ values, count, size }: Rows): Rows {
  const mean = new Float64Array(size);
  for (let i = 0; i < count * size; i++) mean[i % size]! += values[i]! / count;
  return { values: Float64Array.from({ length: count * size }, (_, i) => mean[i % size]!), count, size };
}

/** The mean Euclidean distance of rows that belong together. */
export function pairError(outputs: Rows, truths: Rows): number {
  assertAlike(outputs, truths);
  let sum = 0;
  for (let i = 0; i < outputs.count; i++) sum += Math.sqrt(squaredDistance(outputs, i, truths, i));
  return sum / outputs.count;
}
