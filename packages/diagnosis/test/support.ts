/** Chains with known mixing. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import type { ChainKernel, ChainPosition, ModelChain } from "@ergodic/training";

/** A kernel whose state is only the position. */
export const moving = (to: (position: ChainPosition, key: Key) => ChainPosition): ChainKernel => ({
  init: (position) => ({ position }),
  step: ({ position }, key) => [{ position: to(position, key) }, {}],
});

/**
 * x' = a x + √(1 - a²) ξ from starts at `from`.
 *
 * Its distribution is N(0, 1), its correlation at lag 1 is a, and its autocorrelation time is (1 +
 * a)/(1 - a).
 */
export function autoregression(a: number, from: number, changes: Partial<ModelChain> = {}): ModelChain {
  return {
    description: "an autoregression",
    steps: 4,
    generative: true,
    start: (_, n) => tf.fill([n, 1], from),
    scattered: (key, n) => random.normal(key, [n, 1], { sd: 2 }),
    kernel: moving((x, key) =>
      tf.add(tf.mul(a, x as tf.Tensor), tf.mul(Math.sqrt(1 - a * a), random.normal(key, (x as tf.Tensor).shape))),
    ),
    energy: (x) => tf.squeeze(tf.mul(0.5, tf.square(x as tf.Tensor)), [1]),
    ...changes,
  };
}
