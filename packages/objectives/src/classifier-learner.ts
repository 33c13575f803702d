/** A classifier that is an energy of the data, as a learner. */
import { compile } from "@ergodic/engine";
import { given } from "@ergodic/energies";
import { assertInRange, assertInteger, fail, inChunks, random, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { ofClass, type ClassifierEnergy } from "./classifier-energy.js";
import { energyLearner, type EnergyLearner, type EnergyLearnerOptions } from "./energy-learner.js";
import { jointClassifier } from "./joint-classifier.js";
import type { EnergyState } from "./learning.js";
import { CHUNK, reached } from "./sampling.js";

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
  /** p(y | x) of each example, `[batch, classes]`. */
  classify(state: EnergyState<P, S>, batch: Batch): Promise<tf.Tensor2D>;
  /**
   * `n` samples of one class, chains of exp(f_y(x)) from fresh starts.
   *
   * @throws ValidationError for an unknown class
   */
  sampleClass(state: EnergyState<P, S>, label: number, key: Key, n: number): Promise<tf.Tensor>;
}

/**
 * Learns p(x, y) with the logits of one network: {@link energyLearner} with
 * {@link jointClassifier}.
 *
 * Grathwohl et al., "Your Classifier is Secretly an Energy Based Model and You Should Treat it Like
 * One", arXiv 1912.03263.
 */
export function classifierLearner<P extends TensorTree, S extends TensorTree, Batch>(
  options: ClassifierLearnerOptions<P, S, Batch>,
): ClassifierLearner<P, S, Batch> {
  const { model, objective, weight = 1, observe } = options;
  const density = objective(model);
  const sampling = options.sampling ?? density.sampling;
  const learner = energyLearner({ ...options, objective: () => jointClassifier(model, density, { weight }) });
  const conditional = ofClass(model);

  const probabilities = compile((params: P, x: tf.Tensor) => tf.softmax(model.logits(params, x)));
  const ofLabel = compile((params: P, label: tf.Tensor, n: number, key: Key) => {
    const chosen = sampling ?? fail("this learner has no chains", "an option sampling");
    const [startKey, chainKey] = random.split(key) as [Key, Key];
    const { energy } = given(conditional, label);
    const start = chosen.fresh(startKey, n);
    return reached(chosen, (x: tf.Tensor) => energy(params, x), { start, key: chainKey });
  });

  return {
    ...learner,
    classify: ({ params }, batch) => probabilities(params, observe(batch)),
    sampleClass({ params }, label, key, n) {
      assertInteger({ label });
      assertInRange({ label }, { min: 0, max: model.classes - 1 });
      const chosen = tf.scalar(label, "int32");
      return inChunks(n, { chunk: CHUNK, key }, (count, part) => ofLabel(params, chosen, count, part));
    },
    describe: () => `a classifier of ${model.classes} classes as an energy of the data`,
    async dispose() {
      await Promise.all([learner.dispose?.(), probabilities.dispose(), ofLabel.dispose()]);
    },
  };
}
