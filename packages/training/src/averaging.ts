/**
 * A moving average of the parameters: samples made with it are steadier than those of the last iterate.
 *
 *     a' = d a + (1 - d) p,    d = min(decay, (1 + t) / (10 + t)) after iteration t = 1, 2, ...
 *
 * The smaller decay of the first iterations lets the average forget the initial parameters, so that it is of use in short runs too
 * (as in TensorFlow's ExponentialMovingAverage with `num_updates`; averaging itself: Polyak & Juditsky 1992).
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { tree, type Tree } from "@ergodic/tensor";

type Params = Tree<tf.Tensor>;

/** The average as one compiled function. It disposes nothing; its results belong to the caller. */
export interface Averaging {
  /** The average before the first iteration: a copy of the parameters. */
  start(params: Params): Params;
  /** The average after iteration `iteration`, counted from 1. */
  next(average: Params, params: Params, iteration: number): Promise<Params>;
  dispose(): Promise<void>;
}

/** `d` of the formula above. */
export function decayAt(decay: number, iteration: number): number {
  return Math.min(decay, (1 + iteration) / (10 + iteration));
}

/** @param decay in (0, 1); about 1 / (1 - decay) iterations are averaged. */
export function movingAverage(decay: number): Averaging {
  const blend = compile((average: Params, params: Params, d: tf.Scalar): Params =>
    tree.zip((a: tf.Tensor, p: tf.Tensor) => tf.add(tf.mul(a, d), tf.mul(p, tf.sub(1, d))), average, params),
  );
  return {
    start: (params) => tree.clone(params),
    async next(average, params, iteration) {
      const d = tf.scalar(decayAt(decay, iteration));
      try {
        return await blend(average, params, d);
      } finally {
        d.dispose();
      }
    },
    dispose: () => blend.dispose(),
  };
}
