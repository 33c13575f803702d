/**
 * Top-down convolutional generators: transposed convolutions that grow a 1x1 image of `latentDimension` channels into a picture.
 *
 * A leaky unit stands between layers and tanh at the end; there is no batch normalisation. Layouts as in Pang et al., "Learning Latent Space
 * Energy-Based Prior Model", arXiv 2006.08205.
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

/** One transposed convolution; the side of its image becomes (side - 1) stride - 2 padding + kernel. */
export interface DecoderLayer {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  /** Channels it makes. */
  readonly channels: number;
}

export interface ImageDecoderOptions {
  readonly latentDimension: number;
  /** First to last; the last one's channels are those of the picture. */
  readonly layers: readonly DecoderLayer[];
  /** Slope of the leaky units. Default 0.2. */
  readonly slope?: number;
  /** Default, as in the paper's code: weights N(0, 2/((in + out) k²)), biases U(±1/sqrt(fan-in)). */
  readonly init?: AffineInit;
}

/**
 * tanh(ct_L(a(… a(ct_1(z)) …))) with transposed convolutions ct and leaky units a.
 *
 * z `[batch, latentDimension]`, pictures `[batch, side, side, channels]` in (-1, 1).
 *
 * @throws ValidationError for no layers, sizes that are not positive integers, a layer that leaves nothing of the image, or a z of
 * another shape.
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
