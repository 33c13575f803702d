/** Encoders of sequences: a recurrent layer in each direction, whose last states are read. */
import {
  dense,
  embedding,
  gru,
  initializers,
  leakyRelu,
  type AffineInit,
  type AffineParams,
  type EmbeddingParams,
  type GruParams,
  type Initializer,
  type Layer,
} from "@ergodic/nn";
import { assertPositiveInteger, assertShape, random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { TokenSequence } from "../observations/categorical.js";

export interface SequenceEncoderOptions {
  /** Number of symbols, the boundary included. */
  readonly symbols: number;
  /** Features of a symbol. */
  readonly embedding: number;
  /** Features of each direction. */
  readonly hidden: number;
  /** Numbers of the output. */
  readonly out: number;
  /** Slope of leaky units before the output. Default 0.01. */
  readonly slope?: number;
  /** Of embedded symbols. Default N(0, 0.3²). */
  readonly embeddingInit?: Initializer;
  /** Of all other parameters. Default U(±1/√fan-in). */
  readonly init?: Initializer;
}

export type SequenceEncoderParams = {
  readonly words: EmbeddingParams;
  readonly forward: GruParams;
  readonly backward: GruParams;
  readonly head: AffineParams;
};

/**
 * W a([h_T; h'_1]) + b, `[batch, out]`, with the states of gated recurrent units after the last
 * symbol in either direction and leaky units a.
 *
 * Symbols of weight 0 follow the end of a sequence. The layers read nothing from them.
 *
 * @throws ValidationError for sizes that are no positive integers, or weights of another shape than
 *   the tokens.
 */
export function sequenceEncoder(options: SequenceEncoderOptions): Layer<SequenceEncoderParams, TokenSequence> {
  const { symbols, embedding: features, hidden, out, slope = 0.01, init = initializers.uniformFanIn } = options;
  assertPositiveInteger({ symbols, embedding: features, hidden, out });
  const words = embedding({ count: symbols, out: features, init: options.embeddingInit ?? initializers.normal(0.3) });
  const layer = gru({ in: features, hidden, init });
  const affine: AffineInit = { weight: init, bias: init };
  const head = dense({ in: 2 * hidden, out, init: affine });
  const leaky = leakyRelu({ slope });
  return {
    init: (key) => ({
      words: words.init(random.fold(key, 0)),
      forward: layer.init(random.fold(key, 1)),
      backward: layer.init(random.fold(key, 2)),
      head: head.init(random.fold(key, 3)),
    }),
    apply(params, { tokens, weight }) {
      assertShape("the weights of tokens", weight, tokens.shape, "one for each token");
      const vectors = words.apply(params.words, tf.cast(tokens, "int32"));
      const last = layer.run(params.forward, vectors, { mask: weight }).state;
      const first = layer.run(params.backward, tf.reverse(vectors, 1), { mask: tf.reverse(weight, 1) }).state;
      return head.apply(params.head, leaky.apply([], tf.concat([last.hidden, first.hidden], 1)));
    },
  };
}
