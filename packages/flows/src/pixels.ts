/** Conversions between integer pixels and densities: dequantisation, logit, bits per dimension. */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, assertInteger, random, type Key } from "@ergodic/tensor";
import type { NoParams } from "@ergodic/nn";
import { sumPerExample, transformed, type Bijector } from "./bijector.js";

/** For every integer v, (v + 1)(1 - 2⁻²⁴) rounded to float32 is the largest number below v + 1. */
const largestBelowOne = 1 - 2 ** -24;

/**
 * u = (v + ν)/2ⁿ with ν ~ U[0, 1): spreads pixels v in 0, 1, ..., 2ⁿ - 1 over [0, 1).
 *
 * Float32 rounds v + ν. A sum that would round to v + 1 becomes the largest number below it, so v =
 * ⌊2ⁿ u⌋ always holds.
 *
 * A density q of u bounds the probability of the pixels: log P(v) ≥ E_ν log q(u) - D n log 2.
 * Theis et al., "A note on the evaluation of generative models", arXiv 1511.01844, section 3.1.
 *
 * @throws ValidationError unless `bits` is an integer from 1 to 16.
 */
export function dequantize(pixels: tf.Tensor, key: Key, { bits = 8 }: { readonly bits?: number } = {}): tf.Tensor {
  assertBits(bits);
  const sum = tf.add(pixels, random.uniform(key, pixels.shape, { low: 0, high: 1 }));
  return tf.div(tf.minimum(sum, tf.mul(tf.add(pixels, 1), largestBelowOne)), 2 ** bits);
}

function assertBits(bits: number): void {
  assertInteger({ bits });
  assertInRange({ bits }, { min: 1, max: 16 });
}

/**
 * x = log(p/(1 - p)) with p = λ + (1 - 2λ) u, so that u in [0, 1] stays clear of the poles.
 *
 * log|det| = Σ log(1 - 2λ) - log p - log(1 - p). Dinh et al., arXiv 1605.08803, section 4.1.
 *
 * @throws ValidationError unless 0 < λ < 1/2.
 */
export function logit({ lambda = 0.05 }: { readonly lambda?: number } = {}): Bijector<NoParams> {
  assertInRange({ lambda }, { min: 0, max: 0.5, minOpen: true, maxOpen: true });
  const inside = 1 - 2 * lambda;
  return {
    init: () => [],
    forward(_, u) {
      // 1 - p is computed from 1 - u. For small λ and u near 1, subtracting p from 1 would lose
      // digits.
      const [logP, logRest] = [u, tf.sub(1, u)].map((at) => tf.log(tf.add(lambda, tf.mul(inside, at)))) as [
        tf.Tensor,
        tf.Tensor,
      ];
      return transformed(tf.sub(logP, logRest), () => sumPerExample(tf.sub(Math.log(inside), tf.add(logP, logRest))));
    },
    inverse(_, x) {
      // log p = -softplus(-x) and log(1 - p) = -softplus(x) stay exact where p rounds to 0 or 1.
      const logs = (): tf.Tensor => tf.neg(tf.add(tf.softplus(x), tf.softplus(tf.neg(x))));
      return transformed(tf.div(tf.sub(tf.sigmoid(x), lambda), inside), () =>
        sumPerExample(tf.sub(logs(), Math.log(inside))),
      );
    },
  };
}

/**
 * Bits per dimension of dequantised pixels: -(log q(u) - D n log 2)/(D log 2), `[batch]`.
 *
 * It is an upper bound of the cost of the pixels themselves. An average over several
 * dequantisations has less noise.
 *
 * @param logDensity log q(u) of `u` in [0, 1)^D, as `dequantize` gives it.
 */
export function bitsPerDimension(
  logDensity: tf.Tensor1D,
  { dimensions, bits = 8 }: { readonly dimensions: number; readonly bits?: number },
): tf.Tensor1D {
  assertBits(bits);
  return tf.sub(bits, tf.div(logDensity, dimensions * Math.LN2));
}
