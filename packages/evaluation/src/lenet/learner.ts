/** The learner that trained the weights of digits in this package. */
import { compile } from "@ergodic/engine";
import {
  accuracy,
  crossEntropy,
  skipUnsound,
  trainedGradient,
  type Optimizer,
  type SkipUnsoundState,
} from "@ergodic/nn";
import { readScalars, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { distorted, type Distortion } from "./distortion.js";
import { initLenet, lenet, type LenetParams } from "./network.js";

export interface DigitBatch {
  /** `[batch, 28, 28, 1]` in [-1, 1] */
  readonly images: tf.Tensor;
  /** `[batch]` int32, 0 to 9 */
  readonly labels: tf.Tensor1D;
}

export type LenetState = { readonly params: LenetParams; readonly optimizer: SkipUnsoundState<TensorTree> };

export interface LenetLearnerOptions {
  readonly optimizer: Optimizer<TensorTree>;
  /** Random change of every image, drawn again each time it is seen. */
  readonly distortion: Distortion;
}

/**
 * Descends the mean cross-entropy of distorted digits, `log sum_c exp(l_c) - l_label`.
 *
 * Metrics are `loss` and `accuracy` of the batch.
 */
export function lenetLearner({ optimizer: given, distortion }: LenetLearnerOptions): Learner<LenetState, DigitBatch> {
  const optimizer = skipUnsound(given);
  const step = compile((state: LenetState, images: tf.Tensor, labels: tf.Tensor, key: Key) => {
    const seen = distorted(images, key, distortion);
    const lossOf = (params: LenetParams): readonly [tf.Tensor, tf.Tensor] => {
      const { logits } = lenet(params, seen);
      return [crossEntropy(logits, labels), logits];
    };
    const { value: loss, grad, aux: logits } = trainedGradient(lossOf, { hasAux: true })(state.params);
    const updated = optimizer.update(state.params, grad, state.optimizer);
    return {
      state: { params: updated.params, optimizer: updated.state },
      metrics: { loss, accuracy: accuracy(logits, labels), ...optimizer.metrics!(updated.state) },
    };
  });
  const classified = compile((params: LenetParams, images: tf.Tensor) => tf.logSoftmax(lenet(params, images).logits));
  return {
    init(key) {
      const params = initLenet(key);
      return Promise.resolve({ params, optimizer: optimizer.init(params) });
    },
    async update(state, { images, labels }, { key }) {
      const next = await step(state, images, labels, key);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    async classify({ params }, { images, labels }) {
      return { logProbabilities: await classified(params, images), labels };
    },
    describe: () => "LeNet: two convolutions, three affine layers",
    async dispose() {
      await Promise.all([step.dispose(), classified.dispose()]);
    },
  };
}
