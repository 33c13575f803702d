/** A classifier that is an energy of the data, as a learner. */
import { compile } from "@ergodic/engine";
import type { TensorTree } from "@ergodic/tensor";
import type { Classified } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import type { ClassifierEnergy } from "./classifier-energy.js";
import { sampledByClass } from "./class-sampling.js";
import { energyLearner, type EnergyLearner, type EnergyLearnerOptions } from "./energy-learner.js";
import { jointClassifier } from "./joint-classifier.js";
import type { EnergyState } from "./learning.js";

export interface ClassifierLearnerOptions<
  P extends TensorTree,
  S extends TensorTree,
  Batch,
> extends EnergyLearnerOptions<P, S, Batch> {
  readonly model: ClassifierEnergy<P>;
  readonly labels: (batch: Batch) => tf.Tensor1D;
  /** Weight of the cross-entropy beside the loss of p(x). Default 1. */
  readonly weight?: number;
}

export interface ClassifierLearner<P extends TensorTree, S extends TensorTree, Batch> extends EnergyLearner<
  P,
  S,
  Batch
> {
  /** log p(c | x), `[batch, classes]`, and the labels of the batch. */
  classify(state: EnergyState<P, S>, batch: Batch): Promise<Classified>;
}

/**
 * Learns p(x, y) with the logits of one network: {@link energyLearner} with
 * {@link jointClassifier}. With {@link noDensity} as its objective the network is a classifier
 * alone.
 *
 * `sampleClass`, present if there are chains, gives draws of p(x | y).
 *
 * Grathwohl et al., "Your Classifier is Secretly an Energy Based Model and You Should Treat it Like
 * One", arXiv 1912.03263.
 */
export function classifierLearner<P extends TensorTree, S extends TensorTree, Batch>(
  options: ClassifierLearnerOptions<P, S, Batch>,
): ClassifierLearner<P, S, Batch> {
  const { model, objective, weight = 1, observe, labels } = options;
  const density = objective(model);
  const sampling = options.sampling ?? density.sampling;
  const learner = energyLearner({ ...options, objective: () => jointClassifier(model, density, { weight }) });
  const sampled = sampling && sampledByClass(model, sampling);
  const classified = compile((params: P, x: tf.Tensor) => tf.logSoftmax(model.logits(params, x)));

  return {
    ...learner,
    classes: model.classes,
    async classify({ params }, batch) {
      return { logProbabilities: await classified(params, observe(batch)), labels: labels(batch) };
    },
    ...sampled?.offers,
    describe: () => `a classifier of ${model.classes} classes as an energy of the data`,
    async dispose() {
      await Promise.all([learner.dispose?.(), classified.dispose(), sampled?.dispose()]);
    },
  };
}
