/**
 * The exponential moving average (EMA) of parameters.
 *
 *     a' = d a + (1 - d) p,    d = min(decay, (1 + t) / (10 + t)) after update t = 1, 2, ...
 *
 * - Samples made with the average vary less than samples made with the last iterate.
 * - The smaller decay of the first updates lets the average forget the initial parameters, so that
 *   it is useful in short runs.
 *
 * Sources: Polyak and Juditsky 1992 (averaging); TensorFlow's ExponentialMovingAverage with
 * `num_updates` (the decay).
 */
import * as tf from "@tensorflow/tfjs-core";
import { zipElementwise } from "./elementwise.js";
import { trainedPart, withTrained } from "./fixed.js";
import { tree, type TensorTree } from "./tree.js";
import { assertInRange } from "./validation.js";

/** A moving average as a pure value, for use inside a compiled update. */
export interface MovingAverage {
  /** The average before the first update: a copy of `params`. */
  start<P extends TensorTree>(params: P): P;
  /**
   * The average after an update.
   *
   * @param updates the number of updates so far, this one included, as a scalar tensor.
   * @returns a tree whose `$fixed` members are those of `params`.
   */
  next<P extends TensorTree>(average: P, params: P, updates: tf.Scalar): P;
}

/**
 * The moving average with this decay, which averages about 1/(1 - decay) updates.
 *
 * @throws ValidationError for a decay outside (0, 1).
 */
export function ema(decay: number): MovingAverage {
  assertInRange({ decay }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  return {
    start: (params) => tree.clone(params),
    next<P extends TensorTree>(average: P, params: P, updates: tf.Scalar): P {
      const d = tf.minimum(decay, tf.div(tf.add(1, updates), tf.add(10, updates)));
      const blend = (a: tf.Tensor, p: tf.Tensor): tf.Tensor => tf.add(tf.mul(a, d), tf.mul(p, tf.sub(1, d)));
      const moved = zipElementwise(
        blend as (...tensors: tf.Tensor[]) => tf.Tensor,
        trainedPart(average) as TensorTree,
        trainedPart(params) as TensorTree,
      );
      return withTrained(params, moved as P);
    },
  };
}
