/** What a coupling applies to the half it changes: an increasing map of each number, with parameters of its own for each. */
import * as tf from "@tensorflow/tfjs-core";
import { assertOneOf, assertPositive } from "@ergodic/tensor";

export interface ElementwiseResult {
  readonly value: tf.Tensor;
  /** The logarithm of the derivative at each number, of the shape of `value`. */
  readonly logDerivative: tf.Tensor;
}

/** `x [...]` and raw parameters `[..., parameters]`; with all of them 0 it is the identity or near it. */
export interface Elementwise {
  /** How many raw parameters each number has. */
  readonly parameters: number;
  forward(x: tf.Tensor, raw: tf.Tensor): ElementwiseResult;
  inverse(y: tf.Tensor, raw: tf.Tensor): ElementwiseResult;
}

export type AffineScale = "bounded" | "sigmoid" | "none";

export interface AffineOptions {
  /**
   * How a raw number r becomes the scale s. "bounded" (default): log s = c tanh(r / c), so that neither s nor 1/s leaves [e^-c, e^c];
   * "sigmoid", Glow's: s = σ(r + 2), whose inverse has no bound; "none": s = 1, an additive coupling.
   */
  readonly scale?: AffineScale;
  /** c of the bounded scale. Default 2. */
  readonly bound?: number;
}

/** Number `index` of the last axis, which goes. */
const component = (raw: tf.Tensor, index: number): tf.Tensor => tf.gather(raw, tf.scalar(index, "int32"), raw.rank - 1);

/**
 * y = (x + t) s, log y' = log s, with t and r the raw parameters (t alone where there is no scale).
 *
 * Dinh et al., "Density estimation using Real NVP", arXiv 1605.08803, in the order of Kingma and Dhariwal, "Glow", arXiv 1807.03039.
 *
 * @throws ValidationError for an unknown scale or a bound that is not positive.
 */
export function affine({ scale = "bounded", bound = 2 }: AffineOptions = {}): Elementwise {
  assertOneOf({ scale }, ["bounded", "sigmoid", "none"]);
  assertPositive({ bound });
  const logScale = (raw: tf.Tensor): tf.Tensor => {
    if (scale === "none") return tf.zeros(raw.shape.slice(0, -1));
    const r = component(raw, 1);
    if (scale === "bounded") return tf.mul(bound, tf.tanh(tf.div(r, bound)));
    return tf.neg(tf.softplus(tf.neg(tf.add(r, 2))));
  };
  return {
    parameters: scale === "none" ? 1 : 2,
    forward(x, raw) {
      const logDerivative = logScale(raw);
      return { value: tf.mul(tf.add(x, component(raw, 0)), tf.exp(logDerivative)), logDerivative };
    },
    inverse(y, raw) {
      const logDerivative = tf.neg(logScale(raw));
      return { value: tf.sub(tf.mul(y, tf.exp(logDerivative)), component(raw, 0)), logDerivative };
    },
  };
}
