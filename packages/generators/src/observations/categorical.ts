/** Sequences of symbols, and bags of them. */
import * as tf from "@tensorflow/tfjs-core";
import { assertShape, random, type Key } from "@ergodic/tensor";
import type { ObservationModel } from "./observation.js";

/**
 * `tokens` `[batch, time]` int32, and `weight` `[batch, time]`: 1 for symbols and 0 for padding.
 */
export type TokenSequence = { readonly tokens: tf.Tensor; readonly weight: tf.Tensor };

/** Makes texts of the numbers of symbols; a `Vocabulary` of `@ergodic/data` is one. */
export interface SymbolTexts {
  textOf(symbols: ArrayLike<number>): string;
}

export interface TextOptions {
  /** How symbols are shown. Default: by their numbers. */
  readonly vocabulary?: SymbolTexts;
}

/** Symbols by their numbers. */
const numbered: SymbolTexts = { textOf: (symbols) => Array.from(symbols).join(" ") };

const mostLikely = (y: tf.Tensor): tf.Tensor => tf.argMax(y, -1);

function drawn(y: tf.Tensor, key: Key): tf.Tensor {
  // The position of the largest logit with Gumbel noise is a draw of the softmax of the logits.
  const uniform = tf.clipByValue(random.uniform(key, y.shape), 1e-7, 1 - 1e-7);
  return mostLikely(tf.sub(y, tf.log(tf.neg(tf.log(uniform)))));
}

/**
 * log p(x | y) = Σ_t w_t log softmax(y_t)[x_t] with logits y `[batch, time, symbols]`.
 *
 * - `decode` and `sample` choose each symbol by itself, with weight 1.
 * - `error` is the share of symbols that differ from the most likely ones.
 *
 * @throws ValidationError when tokens or weights do not fit y.
 */
export function categorical({ vocabulary = numbered }: TextOptions = {}): ObservationModel<TokenSequence> {
  const check = (y: tf.Tensor, { tokens, weight }: TokenSequence): void => {
    assertShape("the logits", y, [null, null, null], "they are [batch, time, symbols]");
    assertShape("the tokens", tokens, y.shape.slice(0, 2), "one for each place of the logits");
    assertShape("the weights of tokens", weight, y.shape.slice(0, 2), "one for each place of the logits");
  };
  const whole = (tokens: tf.Tensor): TokenSequence => ({ tokens, weight: tf.ones(tokens.shape) });
  return {
    discrete: true,
    logDensity(y, x) {
      check(y, x);
      const chosen = tf.mul(tf.oneHot(tf.cast(x.tokens, "int32"), y.shape[2]!), tf.logSoftmax(y));
      return tf.sum(tf.mul(tf.sum(chosen, 2), x.weight), 1);
    },
    decode: (y) => whole(mostLikely(y)),
    show: ({ tokens }) => ({ kind: "text", values: tokens, textOf: (symbols) => vocabulary.textOf(symbols) }),
    sample: (y, key) => whole(drawn(y, key)),
    error(y, x) {
      check(y, x);
      const wrong = tf.cast(tf.notEqual(mostLikely(y), tf.cast(x.tokens, "int32")), "float32");
      return tf.div(tf.sum(tf.mul(wrong, x.weight), 1), tf.maximum(tf.sum(x.weight, 1), 1));
    },
  };
}

/** The most symbols of a bag that are shown. */
const shownSymbols = 10;

/** The symbols of the largest shares above zero, the largest first. */
const largest = (shares: readonly number[]): number[] =>
  shares
    .map((_, symbol) => symbol)
    .filter((symbol) => shares[symbol]! > 0)
    .sort((a, b) => shares[b]! - shares[a]!)
    .slice(0, shownSymbols);

/**
 * Counts of symbols without their order: log p(x | y) = Σ_w x_w log softmax(y)_w. Logits y and
 * counts x are `[batch, symbols]`. The multinomial coefficient is left out, because it depends on
 * no parameter.
 *
 * - `decode` is the expected share of each symbol. Shares sum to 1.
 * - `sample` is one symbol, with a count of 1.
 * - `error` is half the sum of |x/Σx - share|, in [0, 1].
 *
 * @throws ValidationError when x has another shape than y.
 */
export function bagOfWords({ vocabulary = numbered }: TextOptions = {}): ObservationModel {
  const check = (y: tf.Tensor, x: tf.Tensor): void =>
    assertShape("the counts", x, y.shape, "one for each symbol of the logits");
  return {
    discrete: true,
    logDensity(y, x) {
      check(y, x);
      return tf.sum(tf.mul(x, tf.logSoftmax(y)), 1);
    },
    decode: (y) => tf.softmax(y),
    show: (x) => ({
      kind: "text",
      values: x,
      // One by one, because a vocabulary may end its text at the first symbol that marks an end.
      textOf: (shares) =>
        largest(shares)
          .map((symbol) => vocabulary.textOf([symbol]))
          .filter((text) => text !== "")
          .join(" "),
    }),
    sample: (y, key) => tf.cast(tf.oneHot(tf.cast(drawn(y, key), "int32"), y.shape[1]!), "float32"),
    error(y, x) {
      check(y, x);
      const shares = tf.div(x, tf.maximum(tf.sum(x, 1, true), 1));
      return tf.mul(0.5, tf.sum(tf.abs(tf.sub(shares, tf.softmax(y))), 1));
    },
  };
}
