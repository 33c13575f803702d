/**
 * An energy of the data as a learner: what a training loop, a sampler and an evaluation ask of it.
 */
import { compile } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import type { Optimizer } from "@ergodic/nn";
import { readScalars, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { learning, type EnergyState, type Examples } from "./learning.js";
import type { Objective, Sampling } from "./objective.js";
import { sampledBy } from "./sampling.js";

export interface EnergyLearnerOptions<P extends TensorTree, S extends TensorTree, Batch> {
  readonly model: EnergyModel<P>;
  /** How it learns, for example `persistentContrastive({ ... })`. */
  readonly objective: (model: EnergyModel<P>) => Objective<P, S>;
  readonly optimizer: Optimizer;
  /** The examples of a batch, `[batch, ...]`. */
  readonly observe: (batch: Batch) => tf.Tensor;
  /** The class of each example, int32 `[batch]`, for objectives that learn from labels. */
  readonly labels?: (batch: Batch) => tf.Tensor1D;
  /**
   * How the model is sampled. Default: as the objective runs its chains; without chains nothing is
   * sampled.
   */
  readonly sampling?: Sampling<S>;
}

export interface EnergyLearner<P extends TensorTree, S extends TensorTree, Batch> extends Learner<
  EnergyState<P, S>,
  Batch
> {
  readonly model: EnergyModel<P>;
  /** `n` samples, `[n, ...]`. Present if the learner has chains. */
  sample?(state: EnergyState<P, S>, key: Key, n: number): Promise<tf.Tensor>;
  /** E(x) of each example, `[batch]`: high for examples unlike the training data. */
  score(state: EnergyState<P, S>, batch: Batch): Promise<tf.Tensor1D>;
}

/**
 * Learns an energy of the data, p(x) ∝ exp(-E(x)), by any objective.
 *
 * Samples are `sampling.steps` steps of its kernel from positions that the objective keeps, or else
 * from fresh ones.
 */
export function energyLearner<P extends TensorTree, S extends TensorTree, Batch>(
  options: EnergyLearnerOptions<P, S, Batch>,
): EnergyLearner<P, S, Batch> {
  type State = EnergyState<P, S>;
  const { model, observe, labels } = options;
  const rule = options.objective(model);
  const { init, step } = learning(model, rule, options.optimizer);
  const sampling = options.sampling ?? rule.sampling;
  const sampled = sampling && sampledBy(model, sampling);
  const examplesOf = (batch: Batch): Examples => ({ x: observe(batch), labels: labels?.(batch) });

  const update = compile(step);
  const score = compile((params: P, x: tf.Tensor) => model.energy(params, x));

  return {
    model,
    init: async (key) => init(key),
    async update(state: State, batch, { key }) {
      const next = await update(state, examplesOf(batch), key);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    score: ({ params }, batch) => score(params, observe(batch)),
    ...sampled?.offers,
    describe: () => "an energy of the data",
    async dispose() {
      await Promise.all([update.dispose(), score.dispose(), sampled?.dispose()]);
    },
  };
}
