/**
 * Activation normalisation: one shift and one scale per channel, initialised from the first batch.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, assertShape } from "@ergodic/tensor";
import { perExample, positionsOf, transformed, type Bijector } from "./bijector.js";

/** Both `[channels]`. */
export type ActnormParams = { readonly shift: tf.Tensor; readonly logScale: tf.Tensor };

/** Keeps the logarithm finite for a channel that is constant over the batch. */
const smallest = 1e-6;

/**
 * y = (x + b) e^ℓ on the last axis, with log|det| = positions · Σ ℓ and x `[batch, ..., channels]`.
 *
 * Calibration on a batch gives its outputs mean 0 and standard deviation 1 in every channel: b =
 * -mean, ℓ = -log(sd + 1e-6).
 * Kingma and Dhariwal, "Glow", arXiv 1807.03039, section 3.1.
 *
 * @throws ValidationError for a number of channels that is not a positive integer, or an x with
 * another last axis.
 */
export function actnorm({ channels }: { readonly channels: number }): Bijector<ActnormParams> {
  assertPositiveInteger({ channels });
  const check = (x: tf.Tensor): void =>
    assertShape("the input of actnorm", x, [...x.shape.slice(0, -1), channels], "channels are the last axis");
  return {
    init: () => ({ shift: tf.zeros([channels]), logScale: tf.zeros([channels]) }),
    forward({ shift, logScale }, x) {
      check(x);
      const value = tf.mul(tf.add(x, shift), tf.exp(logScale));
      return transformed(value, () => perExample(x, tf.mul(positionsOf(x), tf.sum(logScale))));
    },
    inverse({ shift, logScale }, z) {
      check(z);
      const value = tf.sub(tf.mul(z, tf.exp(tf.neg(logScale))), shift);
      return transformed(value, () => perExample(z, tf.mul(-positionsOf(z), tf.sum(logScale))));
    },
    calibrate(_, x) {
      check(x);
      const { mean, variance } = tf.moments(tf.reshape(x, [-1, channels]), 0);
      return { shift: tf.neg(mean), logScale: tf.neg(tf.log(tf.add(tf.sqrt(variance), smallest))) };
    },
  };
}
