/** The energy whose fixed point is known: a Gaussian at every level, E_net = ½ κ_t |y - c_t|². */
import type { ConditionalEnergy } from "@ergodic/energies";
import * as tf from "@tensorflow/tfjs-core";

export type QuadraticParams = { readonly logPrecision: tf.Tensor; readonly centre: tf.Tensor };

/** Parameters are `[T]`; starts at κ = `precision`, c = 0. */
export const quadratic = (
  count: number,
  start: { readonly precision: readonly number[]; readonly centre: readonly number[] } = {
    precision: Array.from({ length: count }, () => 0.02),
    centre: Array.from({ length: count }, () => 0),
  },
): ConditionalEnergy<QuadraticParams> => ({
  init: () => ({ logPrecision: tf.log(tf.tensor1d([...start.precision])), centre: tf.tensor1d([...start.centre]) }),
  energy({ logPrecision, centre }, y, time) {
    const level = tf.cast(time, "int32");
    const squares = tf.square(tf.sub(y, tf.expandDims(tf.gather(centre, level), 1)));
    return tf.mul(tf.mul(0.5, tf.exp(tf.gather(logPrecision, level))), tf.sum(squares, 1)) as tf.Tensor1D;
  },
});
