/**
 * Convolutional generators: transposed convolutions enlarge a 1x1 image of `latentDimension`
 * channels to an image.
 *
 * There is a leaky unit between layers and tanh at the end, and no batch normalisation.
 *
 * Layouts: Pang et al., "Learning Latent Space Energy-Based Prior Model", arXiv 2006.08205.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, fail, type TensorTree } from "@ergodic/tensor";
import {
  convTranspose2d,
  initializers,
  leakyRelu,
  sequential,
  tanh,
  transposedSide,
  type AffineInit,
  type Layer,
} from "@ergodic/nn";
import { networkGenerator, type SizedGenerator } from "./generator.js";

/**
 * One transposed convolution. The side of the image becomes (side - 1) stride - 2 padding + kernel.
 */
export interface DecoderLayer {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  /** Output channels. */
  readonly channels: number;
}

export interface ImageDecoderOptions {
  readonly latentDimension: number;
  /** The layers, first to last. The channels of the last one are those of the image. */
  readonly layers: readonly DecoderLayer[];
  /** Slope of the leaky units. Default 0.2. */
  readonly slope?: number;
  /**
   * Default: weights N(0, 2/((in + out) k²)) and biases U(±1/sqrt(fan-in)), as in the paper's code.
   */
  readonly init?: AffineInit;
}

/**
 * g(z) = tanh(ct_L(a(… a(ct_1(z)) …))) with transposed convolutions ct and leaky units a.
 *
 * Input `[batch, latentDimension]`, images `[batch, side, side, channels]` in (-1, 1).
 *
 * @throws ValidationError for no layers, sizes that are not positive integers, a layer without
 *   output, or a z of another shape.
 */
export function imageDecoder(options: ImageDecoderOptions): SizedGenerator<readonly TensorTree[]> {
  const { latentDimension, layers, slope = 0.2, init = { weight: initializers.xavierNormal } } = options;
  assertPositiveInteger({ latentDimension });
  if (layers.length === 0) fail("layers is empty", "at least one transposed convolution");
  const inputs = [latentDimension, ...layers.map(({ channels }) => channels)];
  const sides = [1];
  const stack = layers.flatMap((layer, i): Layer<TensorTree>[] => {
    const { kernel, stride, padding, channels } = layer;
    const side = transposedSide(sides[i]!, kernel, stride, padding);
    if (!(side >= 1)) fail(`layers[${i}] makes a side of ${side}`, "at least 1", "use less padding or a larger kernel");
    sides.push(side);
    const affine = convTranspose2d({ in: inputs[i]!, out: channels, kernel, stride, padding, init });
    return i === 0 ? [affine] : [leakyRelu({ slope }), affine];
  });
  const network = sequential<readonly TensorTree[]>(...stack, tanh());
  const counts = layers.map(({ kernel, channels }, i) => kernel * kernel * inputs[i]! * channels + channels);
  const side = sides.at(-1)!;
  const ofVectors: Layer<readonly TensorTree[]> = {
    init: (key) => network.init(key),
    apply: (params, z, learning) =>
      network.apply(params, tf.reshape(z, [z.shape[0]!, 1, 1, latentDimension]), learning),
  };
  const outputShape = [side, side, layers.at(-1)!.channels];
  return {
    ...networkGenerator({ latentDimension, outputShape, network: ofVectors }),
    parameterCount: counts.reduce((total, count) => total + count, 0),
  };
}
