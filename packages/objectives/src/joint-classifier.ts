/** Learning a density and a classifier with one network. */
import { accuracy, crossEntropy } from "@ergodic/nn";
import { assertPositive, fail, random, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { ClassifierEnergy } from "./classifier-energy.js";
import type { Objective } from "./objective.js";

/**
 * The loss of an objective of p(x), plus `weight` times the cross-entropy of p(y | x). Metrics add
 * `accuracy` and `crossEntropy` of the batch.
 *
 * Grathwohl et al., arXiv 1912.03263, equation 9: log p(x, y) = log p(x) + log p(y | x).
 *
 * @throws ValidationError unless `weight` is positive; at an update without labels.
 */
export function jointClassifier<P extends TensorTree, S extends TensorTree>(
  model: ClassifierEnergy<P>,
  objective: Objective<P, S>,
  { weight = 1 }: { readonly weight?: number } = {},
): Objective<P, S> {
  assertPositive({ weight });
  return {
    ...objective,
    begin(input) {
      const { x, labels } = input;
      if (labels === undefined)
        fail("a batch has no labels", "the class of each example", "give labels: (batch) => batch.labels");
      const { loss, state } = objective.begin(input);
      return {
        state,
        loss(params) {
          const [value, metrics] = loss(params);
          const logits = model.logits(params, x, { key: random.fold(input.key, 2) });
          const classification = crossEntropy(logits, labels);
          const total = tf.add(value, tf.mul(weight, classification));
          return [total, { ...metrics, crossEntropy: classification, accuracy: accuracy(logits, labels) }];
        },
      };
    },
  };
}
