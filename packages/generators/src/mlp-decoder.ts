/** The fully connected generator, for small images and quick experiments. */
import { assertPositiveInteger, fail, type TensorTree } from "@ergodic/tensor";
import { dense, leakyRelu, reshape, sequential, tanh, type AffineInit, type Layer } from "@ergodic/nn";
import { networkGenerator, type SizedGenerator } from "./generator.js";

export interface MlpDecoderOptions {
  readonly latentDimension: number;
  /** Sizes of the hidden layers, first to last. */
  readonly widths: readonly number[];
  /** The shape of one example, for example [28, 28, 1]. */
  readonly outputShape: readonly number[];
  /** Slope of the leaky units. Default 0.2. */
  readonly slope?: number;
  /** Default: U(±1/sqrt(fan-in)) for weights and biases. */
  readonly init?: AffineInit;
}

/**
 * g(z) = tanh(W_L a(… a(W_1 z + b_1) …) + b_L) with leaky units a, reshaped to `outputShape`.
 *
 * Input `[batch, latentDimension]`, output `[batch, ...outputShape]` in (-1, 1).
 *
 * @throws ValidationError for sizes that are not positive integers, an empty output shape, or a z
 *   of another shape.
 */
export function mlpDecoder(options: MlpDecoderOptions): SizedGenerator<readonly TensorTree[]> {
  const { latentDimension, widths, outputShape, slope = 0.2, init } = options;
  assertPositiveInteger({ latentDimension });
  for (const [name, list] of Object.entries({ widths, outputShape })) {
    list.forEach((size, i) => assertPositiveInteger({ [`${name}[${i}]`]: size }));
  }
  if (outputShape.length === 0) fail("outputShape is empty", "the shape of one example", "for example [28, 28, 1]");
  const sizes = [latentDimension, ...widths, outputShape.reduce((product, size) => product * size, 1)];
  const stack = sizes.slice(1).flatMap((out, i): Layer<TensorTree>[] => {
    const affine = dense({ in: sizes[i]!, out, ...(init && { init }) });
    return i === 0 ? [affine] : [leakyRelu({ slope }), affine];
  });
  const network = sequential<readonly TensorTree[]>(...stack, tanh(), reshape(outputShape));
  return {
    ...networkGenerator({ latentDimension, outputShape, network }),
    parameterCount: sizes.slice(1).reduce((total, out, i) => total + sizes[i]! * out + out, 0),
  };
}
