/**
 * Whether peers computed the same: results are compared by two figures of each tensor, its length and its product with fixed numbers.
 *
 * The length must agree to float32 accuracy. The product tells a wrong order of numbers or a wrong sign, which the length does not; it
 * counts a hundredth, because rounding turns a few leaky units that are at their kink, which moves single numbers of a gradient.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { numbers } from "./numbers.js";

/** For each tensor ‖x‖ and x · u with numbers u in [-1, 1). */
export type Fingerprint = readonly number[];

/** Number of the first array u, away from weights and inputs. */
const FIRST_PROJECTION = 200;

const PRODUCT_WEIGHT = 0.01;

/** Relative difference above which results are not the same. */
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

/** The largest difference of any tensor in units of its length; infinite when the results are not of one kind. */
export function difference(a: Fingerprint, b: Fingerprint): number {
  if (a.length !== b.length) return Infinity;
  const parts = a.map((figure, i) => {
    const length = a[i - (i % 2)]!;
    const apart = Math.abs(figure - b[i]!) / length;
    return i % 2 === 0 ? apart : apart * PRODUCT_WEIGHT;
  });
  return parts.some(Number.isNaN) ? Infinity : Math.max(...parts);
}
