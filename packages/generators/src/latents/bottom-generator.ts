/** A generator of layered latents that reads the bottom layer. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "@ergodic/nn";
import type { TensorTree } from "@ergodic/tensor";
import type { LayeredLatents } from "./gaussian-hierarchy.js";

/**
 * g(z) = g1(z1): layers above the first reach the observation through z1 alone. Parameters are
 * those of g1.
 */
export function bottomGenerator<P extends TensorTree, Y>(
  generator: Layer<P, tf.Tensor, Y>,
): Layer<P, LayeredLatents, Y> {
  return {
    init: (key) => generator.init(key),
    apply: (params, { z1 }, learning) => generator.apply(params, z1!, learning),
    ...(generator.refresh && { refresh: (params: P, { z1 }: LayeredLatents) => generator.refresh!(params, z1!) }),
  };
}
