/** A learned vector for each of finitely many symbols, such as words. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger } from "@ergodic/tensor";
import { initializers, type Initializer } from "./initializers.js";
import type { Layer } from "./layer.js";

export interface EmbeddingOptions {
  /** Number of symbols. */
  readonly count: number;
  /** Features of each vector. */
  readonly out: number;
  /** Default N(0, 1), as in PyTorch. */
  readonly init?: Initializer;
}

export type EmbeddingParams = { readonly vectors: tf.Tensor };

/**
 * Replaces each number i of the input by row i of `vectors` `[count, out]`.
 *
 * Input int32 `[...]` in 0 .. count - 1, output float32 `[..., out]`.
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
