/**
 * A normalising flow: the density and generator defined by a bijector between data and Gaussian
 * noise.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, assertShape, random, type Key, type TensorTree } from "@ergodic/tensor";
import type { NoParams } from "@ergodic/nn";
import { perExample, transformed, type Bijector, type Transformed } from "./bijector.js";

/**
 * x = g(z), z ~ N(0, I), with log q(x) = log N(h(x); 0, I) + log|det ∂h/∂x| and h = g⁻¹.
 *
 * Noise is a matrix `[batch, dimension]`. Examples are `[batch, ...shape]`.
 * Rezende and Mohamed, "Variational Inference with Normalizing Flows", arXiv 1505.05770.
 */
export interface Flow<P extends TensorTree = TensorTree> {
  /** The shape of one example. */
  readonly shape: readonly number[];
  /** The number of elements of one example and of its noise. */
  readonly dimension: number;
  /** Fresh parameters; see {@link Bijector.init}. */
  init(key: Key): P;
  /** Parameters calibrated on the batch `x`; see {@link Bijector.calibrate}. */
  calibrate(params: P, x: tf.Tensor): P;
  /** Parameters for many calls of `inverse` or `decode`; see {@link Bijector.prepared}. */
  prepared(params: P): P;
  /** h(x), `[batch, dimension]`. */
  encode(params: P, x: tf.Tensor): tf.Tensor2D;
  /**
   * g(z), `[batch, ...shape]`, with log|det ∂g/∂z|, `[batch]`.
   *
   * One forward pass computes both. One backward pass differentiates both.
   */
  inverse(params: P, z: tf.Tensor): Transformed;
  /** g(z), `[batch, ...shape]`. */
  decode(params: P, z: tf.Tensor): tf.Tensor;
  /** log q(x) in nats, `[batch]`. */
  logDensity(params: P, x: tf.Tensor): tf.Tensor1D;
  /** log|det ∂g/∂z|, `[batch]`: converts a density over examples to one over noise. */
  logVolume(params: P, z: tf.Tensor): tf.Tensor1D;
  /** `n` independent examples. */
  sample(params: P, key: Key, n: number): tf.Tensor;
}

/** log N(z; 0, I) of every row of `[batch, dimension]`. */
export const standardLogDensity = (z: tf.Tensor): tf.Tensor1D =>
  tf.sub(tf.mul(-0.5, tf.sum(tf.square(z), 1)), perExample(z, (z.shape[1]! / 2) * Math.log(2 * Math.PI)));

/**
 * The flow of a bijector from examples of shape `shape` to noise.
 *
 * @throws ValidationError for sides that are not positive integers, for examples or noise of
 * another shape, and for a bijector whose `forward` does not return vectors `[batch, dimension]`.
 */
export function flow<P extends TensorTree>(bijector: Bijector<P>, shape: readonly number[]): Flow<P> {
  shape.forEach((side, axis) => assertPositiveInteger({ [`shape[${axis}]`]: side }));
  const dimension = shape.reduce((product, side) => product * side, 1);
  const forward = (params: P, x: tf.Tensor): Transformed => {
    assertShape("the examples of a flow", x, [null, ...shape]);
    const made = bijector.forward(params, x);
    assertShape(
      "the noise that the bijector makes",
      made.value,
      [null, dimension],
      "let the bijector end with flattened(shape)",
    );
    return made;
  };
  const inverse = (params: P, z: tf.Tensor): Transformed => {
    assertShape("the noise of a flow", z, [null, dimension]);
    return bijector.inverse(params, z);
  };
  return {
    shape,
    dimension,
    init: (key) => bijector.init(key),
    calibrate: (params, x) => bijector.calibrate?.(params, x) ?? params,
    prepared: (params) => bijector.prepared?.(params) ?? params,
    encode: (params, x) => forward(params, x).value as tf.Tensor2D,
    inverse,
    decode: (params, z) => inverse(params, z).value,
    logDensity(params, x) {
      const { value: noise, logDet } = forward(params, x);
      return tf.add(standardLogDensity(noise), logDet);
    },
    logVolume: (params, z) => inverse(params, z).logDet,
    sample: (params, key, n) => inverse(params, random.normal(key, [n, dimension])).value,
  };
}

/**
 * Composes a parameter-free bijector with a flow of the same example shape.
 *
 * Example: pixels u in [0, 1] through x = logit(u). Calibration and parameters are those of
 * `inner`.
 */
export function flowThrough<P extends TensorTree>(bijector: Bijector<NoParams>, inner: Flow<P>): Flow<P> {
  const carried = (x: tf.Tensor): Transformed => bijector.forward([], x);
  const inverse = (params: P, z: tf.Tensor): Transformed => {
    const inside = inner.inverse(params, z);
    const outside = bijector.inverse([], inside.value);
    return transformed(outside.value, () => tf.add(inside.logDet, outside.logDet));
  };
  return {
    ...inner,
    calibrate: (params, x) => inner.calibrate(params, carried(x).value),
    encode: (params, x) => inner.encode(params, carried(x).value),
    inverse,
    decode: (params, z) => inverse(params, z).value,
    logDensity(params, x) {
      const { value, logDet } = carried(x);
      return tf.add(inner.logDensity(params, value), logDet);
    },
    logVolume: (params, z) => inverse(params, z).logDet,
    sample: (params, key, n) => bijector.inverse([], inner.sample(params, key, n)).value,
  };
}
