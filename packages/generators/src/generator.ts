/** The shape of a generator of latent vectors, and any network of `@ergodic/nn` as one. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "@ergodic/nn";
import { assertPositiveInteger, assertShape, type TensorTree } from "@ergodic/tensor";

/**
 * A layer from latent vectors z `[batch, latentDimension]` to examples `[batch, ...outputShape]`.
 */
export interface VectorGenerator<P extends TensorTree = TensorTree> extends Layer<P> {
  readonly latentDimension: number;
  /** The shape of one example, for images [height, width, channels]. */
  readonly outputShape: readonly number[];
}

/** A generator that tells its size before it is initialised. */
export interface SizedGenerator<P extends TensorTree = TensorTree> extends VectorGenerator<P> {
  /** How many numbers its parameters hold. */
  readonly parameterCount: number;
}

export interface NetworkGeneratorOptions<P extends TensorTree> {
  readonly latentDimension: number;
  /** The shape of one example, for example [28, 28, 1]. */
  readonly outputShape: readonly number[];
  /** From `[batch, latentDimension]` to `[batch, ...outputShape]`. */
  readonly network: Layer<P>;
}

/**
 * g(z) = network(z), with both shapes checked.
 *
 * The network may hold any layers. Dropout and batch normalisation see whether a learner learns,
 * and the generator has `refresh` where the network has.
 *
 * @throws ValidationError for sizes that are not positive integers, and for a z or an output of
 *   another shape.
 */
export function networkGenerator<P extends TensorTree>(options: NetworkGeneratorOptions<P>): VectorGenerator<P> {
  const { latentDimension, outputShape, network } = options;
  assertPositiveInteger({ latentDimension });
  outputShape.forEach((size, axis) => assertPositiveInteger({ [`outputShape[${axis}]`]: size }));
  const checkInput = (z: tf.Tensor): void =>
    assertShape("the input of a generator", z, [null, latentDimension], `latents are [batch, ${latentDimension}]`);
  return {
    latentDimension,
    outputShape,
    init: (key) => network.init(key),
    apply(params, z, learning) {
      checkInput(z);
      const output = network.apply(params, z, learning);
      const expected = [z.shape[0]!, ...outputShape];
      assertShape("the output of a generator's network", output, expected, "outputShape is that of one example");
      return output;
    },
    ...(network.refresh && {
      refresh(params: P, z: tf.Tensor) {
        checkInput(z);
        return network.refresh!(params, z);
      },
    }),
  };
}
