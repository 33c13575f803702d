/** A vector for every one of a finite number of things, words for instance. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger } from "@ergodic/tensor";
import { initializers, type Initializer } from "./initializers.js";
import type { Layer } from "./layer.js";

export interface EmbeddingOptions {
  /** How many things there are. */
  readonly count: number;
  /** Features of each vector. */
  readonly out: number;
  /** Default N(0, 1), as in PyTorch. */
  readonly init?: Initializer;
}

export type EmbeddingParams = { readonly vectors: tf.Tensor };

/**
 * Row i of `vectors` `[count, out]` for each number i of the input: int32 `[...]` in 0 .. count - 1 becomes float32 `[..., out]`.
 *
 * @throws ValidationError when a size is not a positive integer.
 */
export function embedding({ count, out, init = initializers.normal(1) }: EmbeddingOptions): Layer<EmbeddingParams> {
  assertPositiveInteger({ count, out });
  return {
    init: (key) => ({ vectors: init(key, { shape: [count, out], fanIn: count, fanOut: out }) }),
    apply: ({ vectors }, input) => tf.gather(vectors, input as tf.Tensor1D),
  };
}
