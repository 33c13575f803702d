/** Encoders of the turns of a conversation. */
import {
  dense,
  embedding,
  gru,
  initializers,
  type AffineInit,
  type AffineParams,
  type EmbeddingParams,
  type GruParams,
  type Initializer,
  type Layer,
} from "@ergodic/nn";
import { assertPositiveInteger, assertShape, random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Sentences one after another, the oldest first: `tokens` `[batch, turns, time]` int32 and `weight` of
 * the same shape, 1 for symbols and 0 for padding. Turns without symbols follow the others.
 */
export type Turns = { readonly tokens: tf.Tensor; readonly weight: tf.Tensor };

export interface TurnsEncoderOptions {
  /** Number of symbols, the boundary included. */
  readonly symbols: number;
  /** Features of a symbol. */
  readonly embedding: number;
  /** Features of each direction within a turn. */
  readonly hidden: number;
  /** Numbers of the output. */
  readonly out: number;
  /** Of embedded symbols. Default N(0, 0.3²). */
  readonly embeddingInit?: Initializer;
  /** Of all other parameters. Default U(±1/√fan-in). */
  readonly init?: Initializer;
}

export type TurnsEncoderParams = {
  readonly words: EmbeddingParams;
  readonly forward: GruParams;
  readonly backward: GruParams;
  /** W of the scores, and v, `[hidden, 1]`. */
  readonly attention: { readonly hidden: AffineParams; readonly score: AffineParams };
  readonly turns: GruParams;
};

/** Of scores of padding, so that their shares are 0. */
const excluded = -1e9;

/**
 * The last state of a gated recurrent unit over turns, `[batch, out]`. A turn is Σ_t a_t h_t with
 * the states h_t of units in both directions and a = softmax_t(v · tanh(W h_t)).
 *
 * Without any turn the output is 0. The context encoder of Yu et al., arXiv 2206.05895.
 *
 * @throws ValidationError for sizes that are no positive integers, or weights of another shape than
 *   the tokens.
 */
export function turnsEncoder(options: TurnsEncoderOptions): Layer<TurnsEncoderParams, Turns> {
  const { symbols, embedding: features, hidden, out, init = initializers.uniformFanIn } = options;
  assertPositiveInteger({ symbols, embedding: features, hidden, out });
  const words = embedding({ count: symbols, out: features, init: options.embeddingInit ?? initializers.normal(0.3) });
  const within = gru({ in: features, hidden, init });
  const across = gru({ in: 2 * hidden, hidden: out, init });
  const affine: AffineInit = { weight: init, bias: init };
  const [toHidden, toScore] = [dense({ in: 2 * hidden, out: hidden, init: affine }), dense({ in: hidden, out: 1 })];
  return {
    init: (key) => ({
      words: words.init(random.fold(key, 0)),
      forward: within.init(random.fold(key, 1)),
      backward: within.init(random.fold(key, 2)),
      attention: { hidden: toHidden.init(random.fold(key, 3)), score: toScore.init(random.fold(key, 4)) },
      turns: across.init(random.fold(key, 5)),
    }),
    apply(params, { tokens, weight }) {
      assertShape("the tokens of turns", tokens, [null, null, null], "they are [batch, turns, time]");
      assertShape("the weights of turns", weight, tokens.shape, "one for each token");
      const [batch, count, time] = tokens.shape as [number, number, number];
      const rows = batch * count;
      const mask = tf.reshape(tf.cast(weight, "float32"), [rows, time]);
      const vectors = words.apply(params.words, tf.reshape(tf.cast(tokens, "int32"), [rows, time]));
      const ahead = within.run(params.forward, vectors, { mask }).output;
      const back = within.run(params.backward, tf.reverse(vectors, 1), { mask: tf.reverse(mask, 1) }).output;
      const states = tf.reshape(tf.concat([ahead, tf.reverse(back, 1)], 2), [rows * time, 2 * hidden]);
      const { attention } = params;
      const scores = toScore.apply(attention.score, tf.tanh(toHidden.apply(attention.hidden, states)));
      const shares = tf.softmax(tf.where(tf.greater(mask, 0), tf.reshape(scores, [rows, time]), excluded));
      const pooled = tf.sum(tf.mul(tf.reshape(shares, [rows, time, 1]), tf.reshape(states, [rows, time, -1])), 1);
      const said = tf.reshape(tf.max(mask, 1), [batch, count]);
      return across.run(params.turns, tf.reshape(pooled, [batch, count, 2 * hidden]), { mask: said }).state.hidden;
    },
  };
}
