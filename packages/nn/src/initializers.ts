/** How weights and biases start. Each initialiser sees the shape of one tensor and the fan-in and fan-out of its layer. */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegative, random, type Key } from "@ergodic/tensor";

/** What an initialiser may depend on. `fanIn` and `fanOut` count the connections of the whole layer, also for its bias. */
export interface InitializerShape {
  readonly shape: readonly number[];
  readonly fanIn: number;
  readonly fanOut: number;
}

export type Initializer = (key: Key, tensor: InitializerShape) => tf.Tensor;

/** The initialisers of an affine layer; what is left out keeps the default, {@link uniformFanIn}. */
export interface AffineInit {
  readonly weight?: Initializer;
  readonly bias?: Initializer;
}

/** U(-1/sqrt(fanIn), 1/sqrt(fanIn)): PyTorch's default for weights and biases of linear and convolution layers. */
export const uniformFanIn: Initializer = (key, { shape, fanIn }) => {
  const bound = 1 / Math.sqrt(fanIn);
  return random.uniform(key, shape, { low: -bound, high: bound });
};

/** N(0, 2/(fanIn + fanOut)). Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010). */
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
export const zeros: Initializer = (_key, { shape }) => tf.zeros([...shape]);

/**
 * N(0, sd²) whatever the layer's size.
 *
 * @throws ValidationError when `sd` is negative.
 */
export function normal(sd: number): Initializer {
  assertNonNegative({ sd });
  return (key, { shape }) => random.normal(key, shape, { sd });
}

/** All initialisers under one name, since `zeros` and `normal` say little alone. */
export const initializers = { uniformFanIn, xavierNormal, xavierUniform, heNormal, zeros, normal } as const;
