/** Flow matching with the gradient of an energy as the velocity. */
import { grad } from "@ergodic/engine";
import type { Energy } from "@ergodic/samplers";
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export interface FlowMatchingOptions {
  /** x₀, the other ends of the paths, of the shape of x. */
  readonly origins: tf.Tensor;
  /** ε: the velocity is -ε∇E. */
  readonly temperature: number;
  readonly key: Key;
  /** The weight of a path point by its time u, `[batch]` to `[batch]`. Default 1. */
  readonly weight?: (time: tf.Tensor) => tf.Tensor;
}

/**
 * mean w(u) (ε∇E(x_u) + x - x₀)², x_u = (1 - u) x₀ + u x, u ~ U(0, 1) for each example; the mean is
 * over examples and entries.
 *
 * At its minimum points that follow -ε∇E move from the law of x₀ to that of x in unit time, as far
 * as a velocity without time can. Balcerak et al., "Energy Matching: Unifying Flow Matching and
 * Energy-Based Models for Generative Modeling", arXiv 2504.10612, with V = εE.
 */
export function flowMatchingLoss(
  energy: Energy,
  x: tf.Tensor,
  { origins, temperature, key, weight }: FlowMatchingOptions,
): tf.Tensor {
  const time = random.uniform(key, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);
  const path = tf.sub(x, origins);
  const slope = grad((at: tf.Tensor) => tf.sum(energy(at)))(tf.add(origins, tf.mul(time, path)));
  const squares = tf.square(tf.add(tf.mul(temperature, slope), path));
  return tf.mean(weight === undefined ? squares : tf.mul(weight(time), squares));
}
