/**
 * Initial weights and biases. An initialiser sees the shape of one tensor and the fan-in and
 * fan-out of its layer.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertFinite, assertFitsMemory, assertNonNegative, random, type Key } from "@ergodic/tensor";

/**
 * The input of an initialiser. `fanIn` and `fanOut` count the connections of the whole layer, for
 * its bias too.
 */
export interface InitializerShape {
  readonly shape: readonly number[];
  readonly fanIn: number;
  readonly fanOut: number;
}

export type Initializer = (key: Key, tensor: InitializerShape) => tf.Tensor;

/** The initialisers of an affine layer. The default of each is {@link uniformFanIn}. */
export interface AffineInit {
  readonly weight?: Initializer;
  readonly bias?: Initializer;
}

/**
 * U(-1/sqrt(fanIn), 1/sqrt(fanIn)): PyTorch's default for weights and biases of linear and
 * convolution layers.
 */
export const uniformFanIn: Initializer = (key, { shape, fanIn }) => {
  const bound = 1 / Math.sqrt(fanIn);
  return random.uniform(key, shape, { low: -bound, high: bound });
};

/**
 * N(0, 2/(fanIn + fanOut)). Glorot and Bengio, "Understanding the difficulty of training deep
 * feedforward neural networks" (2010).
 */
export const xavierNormal: Initializer = (key, { shape, fanIn, fanOut }) =>
  random.normal(key, shape, { sd: Math.sqrt(2 / (fanIn + fanOut)) });

/** U(-a, a) with a = sqrt(6/(fanIn + fanOut)), the uniform form of {@link xavierNormal}. */
export const xavierUniform: Initializer = (key, { shape, fanIn, fanOut }) => {
  const bound = Math.sqrt(6 / (fanIn + fanOut));
  return random.uniform(key, shape, { low: -bound, high: bound });
};

/** N(0, 2/fanIn). He et al., "Delving Deep into Rectifiers", arXiv 1502.01852. */
export const heNormal: Initializer = (key, { shape, fanIn }) => random.normal(key, shape, { sd: Math.sqrt(2 / fanIn) });

/** All zeros. */
export const zeros: Initializer = (_key, { shape }) => {
  assertFitsMemory("a tensor of zeros", shape);
  return tf.zeros([...shape]);
};

/** All ones. */
export const ones: Initializer = (_key, { shape }) => {
  assertFitsMemory("a tensor of ones", shape);
  return tf.ones([...shape]);
};

/**
 * N(mean, sd²), whatever the size of the layer. The default mean is 0.
 *
 * @throws ValidationError when `sd` is negative or `mean` is not finite.
 */
export function normal(sd: number, mean = 0): Initializer {
  assertNonNegative({ sd });
  assertFinite({ mean });
  return (key, { shape }) => random.normal(key, shape, { sd, mean });
}

/**
 * `factor` times the values of `init`. A factor of 1e-5 lets a residual branch start near zero.
 *
 * @throws ValidationError when `factor` is not finite.
 */
export function scaled(init: Initializer, factor: number): Initializer {
  assertFinite({ factor });
  return (key, tensor) => tf.tidy(() => tf.mul(init(key, tensor), factor));
}

/** All initialisers under one name, because `zeros` and `normal` say little alone. */
export const initializers = {
  uniformFanIn,
  xavierNormal,
  xavierUniform,
  heNormal,
  zeros,
  ones,
  normal,
  scaled,
} as const;
