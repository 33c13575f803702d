/** Autoregressive decoding: sequences are written word by word, each word from those before it. */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import {
  assertFunction,
  assertInRange,
  assertNonNegativeInteger,
  assertPositive,
  assertPositiveInteger,
  assertShape,
  random,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";

export interface DecodeOptions<S extends TensorTree> {
  /**
   * Logits of the next word, `[rows, words]` up to a constant per row, and the state after the word
   * `last`, int32 `[rows]`.
   */
  readonly next: (state: S, last: tf.Tensor1D) => { readonly logits: tf.Tensor; readonly state: S };
  /** The state before the first word. */
  readonly state: S;
  /** Number of sequences. */
  readonly rows: number;
  /** The word before the first one. It is not part of the result. */
  readonly start: number;
  /** The word that ends a row. */
  readonly end: number;
  /** Rows are cut at this number of words. */
  readonly maxLength: number;
  /**
   * Draws words from softmax(logits/temperature). Default: the word of the highest logit, the first
   * one of equals.
   */
  readonly sample?: { readonly key: Key; /** Positive. Default 1. */ readonly temperature?: number };
}

export type Decoded = {
  /** int32 `[rows, maxLength]`, filled with `end` from the end of each row on. */
  readonly words: tf.Tensor2D;
  /**
   * int32 `[rows]`: the number of words before the end of each row, `maxLength` where a row has no
   * end.
   */
  readonly lengths: tf.Tensor1D;
};

/**
 * Logits with Gumbel noise -log(-log u). The position of the largest entry is a draw of their
 * softmax.
 */
function noisy(logits: tf.Tensor, key: Key, temperature: number): tf.Tensor {
  const exponentials = tf.neg(tf.log(random.uniform(key, logits.shape)));
  return tf.sub(tf.div(logits, temperature), tf.log(exponentials));
}

/**
 * Writes `rows` sequences word by word, until each has ended or has `maxLength` words.
 *
 * No row depends on when another one ends. All `maxLength` steps are computed, so a compiled
 * program holds the whole loop.
 *
 * @throws ValidationError for options out of range, or logits of another shape.
 */
export function decode<S extends TensorTree>(options: DecodeOptions<S>): Decoded {
  const { next, rows, start, end, maxLength, sample } = options;
  assertFunction({ next });
  assertPositiveInteger({ rows, maxLength });
  assertNonNegativeInteger({ start, end });
  const temperature = sample?.temperature ?? 1;
  assertPositive({ "sample.temperature": temperature });
  return tidy(() => {
    const endings = tf.fill([rows], end, "int32");
    const columns: tf.Tensor[] = [];
    let state = options.state;
    let last: tf.Tensor = tf.fill([rows], start, "int32");
    let open: tf.Tensor = tf.fill([rows], 1, "bool");
    let lengths: tf.Tensor = tf.zeros([rows], "int32");
    for (let t = 0; t < maxLength; t++) {
      const scored = next(state, last as tf.Tensor1D);
      assertShape("logits of decode", scored.logits, [rows, null], "one score per row and word");
      assertInRange({ end }, { min: 0, max: scored.logits.shape[1]! - 1 }, "it is one of the words that are scored");
      const scores =
        sample === undefined ? scored.logits : noisy(scored.logits, random.fold(sample.key, t), temperature);
      last = tf.where(open, tf.argMax(scores, 1), endings);
      open = tf.logicalAnd(open, tf.notEqual(last, endings));
      lengths = tf.add(lengths, tf.cast(open, "int32"));
      columns.push(last);
      state = scored.state;
    }
    return { words: tf.stack(columns, 1) as tf.Tensor2D, lengths: lengths as tf.Tensor1D };
  });
}
