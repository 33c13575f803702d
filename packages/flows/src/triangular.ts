/** Inverses of triangular matrices as tensors. */
import * as tf from "@tensorflow/tfjs-core";

/** Largest size inverted by the finite series. Its few terms do not cancel. */
const seriesSize = 4;

/**
 * L⁻¹ of a unit lower triangular matrix `[n, n]`.
 *
 * Recursion by halves: [[A, 0], [B, C]]⁻¹ = [[A⁻¹, 0], [-C⁻¹ B A⁻¹, C⁻¹]].
 * It ends at N = L - I with N⁴ = 0, where L⁻¹ = (I - N)(I + N²).
 */
export function unitLowerInverse(lower: tf.Tensor2D): tf.Tensor2D {
  const n = lower.shape[0];
  if (n <= seriesSize) {
    const unit = tf.eye(n);
    const below = tf.sub(lower, unit) as tf.Tensor2D;
    return tf.matMul(tf.sub(unit, below), tf.add(unit, tf.matMul(below, below)));
  }
  const half = Math.floor(n / 2);
  const rest = n - half;
  const first = unitLowerInverse(tf.slice2d(lower, [0, 0], [half, half]));
  const last = unitLowerInverse(tf.slice2d(lower, [half, half], [rest, rest]));
  const corner = tf.neg(tf.matMul(tf.matMul(last, tf.slice2d(lower, [half, 0], [rest, half])), first));
  return tf.concat2d(
    [tf.concat2d([first, tf.zeros([half, rest])], 1), tf.concat2d([corner as tf.Tensor2D, last], 1)],
    0,
  );
}
