/**
 * The output layer of models of words: the log probability of one class of many.
 *
 * Vocabularies have thousands of words, so scores of all classes dominate the cost. The gradient is
 * written by hand: beside its products it computes one softmax and writes one number of each row.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertShape } from "@ergodic/tensor";
import type { AffineParams } from "./layer.js";

/**
 * log softmax(h Wᵀ + b)_k for one class k of each row h, `[rows]`.
 *
 * @param params `weight` `[classes, in]`, a row for each class, and `bias` `[classes]`
 * @param input `[rows, in]`
 * @param classes int32 `[rows]`
 * @throws ValidationError when the shapes do not fit
 */
export function logSoftmaxAt({ weight, bias }: AffineParams, input: tf.Tensor, classes: tf.Tensor): tf.Tensor1D {
  assertShape("the input of logSoftmaxAt", input, [null, weight.shape[1]!], "the weight has a row for each class");
  assertShape("the classes of logSoftmaxAt", classes, [input.shape[0]!], "one for each row of the input");
  const rows = input.shape[0]!;
  const places = tf.stack([tf.range(0, rows, 1, "int32"), classes], 1);
  const op = tf.customGrad((...given) => {
    const [h, w, b, save] = given as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const logits = tf.add(tf.matMul(h, w, false, true), b);
    const shares = tf.softmax(logits);
    save([h, w, shares, places]);
    const chosen = tf.gatherND(shares, places);
    // Smaller shares have too few digits.
    const clear = tf.greater(chosen, 2 ** -100);
    // With m the largest logit, log Σ exp is m minus the log of the largest share.
    const careful = tf.add(tf.sub(tf.gatherND(logits, places), tf.max(logits, 1)), tf.log(tf.max(shares, 1)));
    return {
      // Programs compute careful values only where a share is not clear.
      value: tf.where(clear, tf.log(chosen), tf.where(tf.all(clear), tf.zeros([rows]), careful)),
      gradFunc: (dy: tf.Tensor, [x, matrix, share, at]: tf.Tensor[]) => {
        const column = tf.reshape(tf.neg(dy), [rows, 1]);
        const tooMuch = tf.tensorScatterUpdate(share!, at!, tf.sub(tf.gatherND(share!, at!), 1));
        return [
          tf.mul(column, tf.matMul(tooMuch, matrix!)),
          tf.matMul(tooMuch, tf.mul(column, x!), true),
          tf.reshape(tf.matMul(tooMuch, column, true), [matrix!.shape[0]!]),
        ];
      },
    };
  });
  return op(input, weight, bias) as tf.Tensor1D;
}
