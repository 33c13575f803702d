/**
 * Noise-contrastive estimation: the energy as a classifier of data against noise of known density.
 */
import type { Energy } from "@ergodic/samplers";
import { assertPositiveInteger, random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { dataObjective } from "./objective.js";

/** Noise that can be drawn and whose density is known, for example a Gaussian or a trained flow. */
export interface NoiseLaw {
  /** `n` draws, `[n, ...]`. */
  sample(key: Key, n: number): tf.Tensor;
  /** log q(x), `[n]`. */
  logDensity(x: tf.Tensor): tf.Tensor;
}

export interface NoiseContrastiveOptions {
  readonly noise: NoiseLaw;
  /** ν, draws of noise for each example. Default 1. */
  readonly ratio?: number;
}

/**
 * mean softplus(-G(x⁺)) + ν mean softplus(G(x⁻)), G(x) = -E(x) - log q(x) - log ν, with x⁻ ~ q.
 *
 * At its minimum exp(-E) is the normalised density of the data: E needs a free constant, such as
 * the bias of its last layer. Gutmann and Hyvärinen, "Noise-contrastive estimation of unnormalized
 * statistical models" (2012), equation 8.
 */
export function noiseContrastiveLoss(
  energy: Energy,
  x: tf.Tensor,
  { noise, ratio = 1, key }: NoiseContrastiveOptions & { readonly key: Key },
): tf.Tensor {
  const logit = (at: tf.Tensor): tf.Tensor => tf.neg(tf.add(tf.add(energy(at), noise.logDensity(at)), Math.log(ratio)));
  const draws = noise.sample(key, ratio * x.shape[0]!);
  return tf.add(tf.mean(tf.softplus(tf.neg(logit(x)))), tf.mul(ratio, tf.mean(tf.softplus(logit(draws)))));
}

/**
 * Learning by {@link noiseContrastiveLoss}.
 *
 * @throws ValidationError unless `ratio` is a positive integer.
 */
export function noiseContrastive({ noise, ratio = 1 }: NoiseContrastiveOptions) {
  assertPositiveInteger({ ratio });
  return dataObjective((energy, x, key) => noiseContrastiveLoss(energy, x, { noise, ratio, key }));
}

/** N(mean, sd²) in each entry of examples of one shape, as noise. */
export function gaussianNoise({
  shape,
  mean = 0,
  sd = 1,
}: {
  readonly shape: readonly number[];
  readonly mean?: number;
  readonly sd?: number;
}): NoiseLaw {
  const size = shape.reduce((product, side) => product * side, 1);
  const constant = size * (Math.log(sd) + 0.5 * Math.log(2 * Math.PI));
  return {
    sample: (key, n) => random.normal(key, [n, ...shape], { mean, sd }),
    logDensity(x) {
      const standard = tf.reshape(tf.div(tf.sub(x, mean), sd), [x.shape[0]!, size]);
      return tf.sub(tf.mul(-0.5, tf.sum(tf.square(standard), 1)), constant);
    },
  };
}
