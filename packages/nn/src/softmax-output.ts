/**
 * The output layer of models of words: the log probability of one class of many.
 *
 * Vocabularies have thousands of words, so scores of all classes dominate the cost. The gradient is
 * written by hand: beside its products it computes one softmax and no other array of that size.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertShape } from "@ergodic/tensor";
import type { AffineParams } from "./layer.js";

/** log Σ_k exp(h·w_k + b_k) of each row h, `[rows]`. */
function logNormaliser(input: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const rows = input.shape[0]!;
  const op = tf.customGrad((...given) => {
    const [h, w, b, save] = given as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const logits = tf.add(tf.matMul(h, w, false, true), b);
    const shares = tf.softmax(logits);
    save([h, w, shares]);
    return {
      // With m the largest logit, log Σ exp is m minus the log of the largest share.
      value: tf.sub(tf.max(logits, 1), tf.log(tf.max(shares, 1))),
      gradFunc: (dy: tf.Tensor, [x, matrix, share]: tf.Tensor[]) => {
        const column = tf.reshape(dy, [rows, 1]);
        return [
          tf.mul(column, tf.matMul(share!, matrix!)),
          tf.matMul(share!, tf.mul(column, x!), true),
          tf.reshape(tf.matMul(share!, column, true), [matrix!.shape[0]!]),
        ];
      },
    };
  });
  return op(input, weight, bias);
}

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
  const indices = classes as tf.Tensor1D;
  const score = tf.add(tf.sum(tf.mul(input, tf.gather(weight, indices)), 1), tf.gather(bias, indices));
  return tf.sub(score, logNormaliser(input, weight, bias));
}
