/**
 * Elementwise maps for couplings: increasing functions of each number, with parameters per number.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertOneOf, assertPositive } from "@ergodic/tensor";

export interface ElementwiseResult {
  readonly value: tf.Tensor;
  /** The logarithm of the derivative at each number, with the shape of `value`. */
  readonly logDerivative: tf.Tensor;
}

/**
 * A map of `x [...]` with raw parameters `[..., parameters]`. Zero parameters give the identity or
 * a map near it.
 */
export interface Elementwise {
  /** Number of raw parameters per number. */
  readonly parameters: number;
  forward(x: tf.Tensor, raw: tf.Tensor): ElementwiseResult;
  inverse(y: tf.Tensor, raw: tf.Tensor): ElementwiseResult;
}

export type AffineScale = "bounded" | "sigmoid" | "none";

export interface AffineOptions {
  /**
   * Map from a raw number r to the scale s. Default "bounded".
   *
   * - "bounded": log s = c tanh(r / c), so both s and 1/s stay in [e^-c, e^c].
   * - "sigmoid": s = σ(r + 2), as in Glow. Its inverse is unbounded.
   * - "none": s = 1, an additive coupling.
   */
  readonly scale?: AffineScale;
  /** c of the bounded scale. Default 2. */
  readonly bound?: number;
}

/** The components of the last axis, `[...]` each. */
const components = (raw: tf.Tensor): tf.Tensor[] =>
  tf.split(raw, raw.shape.at(-1)!, -1).map((one) => tf.reshape(one, raw.shape.slice(0, -1)));

/**
 * y = (x + t) s, log y' = log s, with raw parameters t and r, or t alone without a scale.
 *
 * Dinh et al., "Density estimation using Real NVP", arXiv 1605.08803, in the order of Kingma and
 * Dhariwal, "Glow", arXiv 1807.03039.
 *
 * @throws ValidationError for an unknown scale or a bound that is not positive.
 */
export function affine({ scale = "bounded", bound = 2 }: AffineOptions = {}): Elementwise {
  assertOneOf({ scale }, ["bounded", "sigmoid", "none"]);
  assertPositive({ bound });
  const logScale = (r: tf.Tensor): tf.Tensor => {
    if (scale === "bounded") return tf.mul(bound, tf.tanh(tf.div(r, bound)));
    return tf.neg(tf.softplus(tf.neg(tf.add(r, 2))));
  };
  const parts = (raw: tf.Tensor): { t: tf.Tensor; logDerivative: tf.Tensor } => {
    const [t, r] = components(raw) as [tf.Tensor, tf.Tensor?];
    return { t, logDerivative: r === undefined ? tf.zeros(t.shape) : logScale(r) };
  };
  return {
    parameters: scale === "none" ? 1 : 2,
    forward(x, raw) {
      const { t, logDerivative } = parts(raw);
      return { value: tf.mul(tf.add(x, t), tf.exp(logDerivative)), logDerivative };
    },
    inverse(y, raw) {
      const { t, logDerivative: forwards } = parts(raw);
      const logDerivative = tf.neg(forwards);
      return { value: tf.sub(tf.mul(y, tf.exp(logDerivative)), t), logDerivative };
    },
  };
}
