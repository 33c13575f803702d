/** Sequences of words written one word at a time, each from those before. */
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
  /** Scores of every next word, `[rows, words]` up to a constant per row, and the state after the last word, int32 `[rows]`. */
  readonly next: (state: S, last: tf.Tensor1D) => { readonly logits: tf.Tensor; readonly state: S };
  /** Before the first word. */
  readonly state: S;
  /** How many sequences are written. */
  readonly rows: number;
  /** The word that stands before the first; it is not among the words written. */
  readonly start: number;
  /** The word that ends a row. */
  readonly end: number;
  /** The number of words at which rows are cut. */
  readonly maxLength: number;
  /** Draws from softmax(logits/temperature). Left out: the word of the highest score, the first of equals. */
  readonly sample?: { readonly key: Key; /** Above 0; default 1. */ readonly temperature?: number };
}

export type Decoded = {
  /** int32 `[rows, maxLength]`; `end` from the end of each row on. */
  readonly words: tf.Tensor2D;
  /** int32 `[rows]`: the words of each row before its end, `maxLength` where it has none. */
  readonly lengths: tf.Tensor1D;
};

/** Softmax of the scores, drawn by the largest of score + Gumbel noise, -log(-log u). */
function noisy(logits: tf.Tensor, key: Key, temperature: number): tf.Tensor {
  const exponentials = tf.neg(tf.log(random.uniform(key, logits.shape)));
  return tf.sub(tf.div(logits, temperature), tf.log(exponentials));
}

/**
 * Writes `rows` sequences, word by word, until each has ended or has `maxLength` words. Rows end independently: none depends on
 * when another ends. All `maxLength` steps are computed, so that a compiled program holds the whole.
 *
 * @throws ValidationError for options out of range, or scores of another shape.
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
