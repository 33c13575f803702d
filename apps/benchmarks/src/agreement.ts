/**
 * Comparison of results between peers, by two figures per tensor: its length and its product with
 * fixed numbers.
 *
 * - The length has to agree to float32 accuracy.
 * - The product detects a wrong order of numbers or a wrong sign, which the length does not. Its
 *   difference has a weight of one hundredth: rounding flips a few leaky units at their kink, which
 *   changes single numbers of a gradient.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { numbers } from "./numbers.js";

/** ‖x‖ and x · u of each tensor, with numbers u in [-1, 1). */
export type Fingerprint = readonly number[];

/** Number of the first array u. It differs from those of weights and inputs. */
const FIRST_PROJECTION = 200;

const PRODUCT_WEIGHT = 0.01;

/** Relative difference above which results count as different. */
export const TOLERANCE = 1e-4;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

export const fingerprint = (tensors: readonly tf.Tensor[]): Fingerprint =>
  tensors.flatMap((tensor, k) => {
    const values = tensor.dataSync();
    return [Math.sqrt(dot(values, values)), dot(values, numbers(FIRST_PROJECTION + k, values.length, 1))];
  });

/**
 * The largest difference of any tensor, relative to its length. Infinite when the numbers of
 * tensors differ.
 */
export function difference(a: Fingerprint, b: Fingerprint): number {
  if (a.length !== b.length) return Infinity;
  const parts = a.map((figure, i) => {
    const length = a[i - (i % 2)]!;
    const apart = Math.abs(figure - b[i]!) / length;
    return i % 2 === 0 ? apart : apart * PRODUCT_WEIGHT;
  });
  return parts.some(Number.isNaN) ? Infinity : Math.max(...parts);
}
