/**
 * An energy of the data as a learner: what a training loop, a sampler and an evaluation ask of it.
 */
import { compile } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import type { Optimizer } from "@ergodic/nn";
import { fail, readScalars, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { learning, type EnergyState } from "./learning.js";
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

  const update = compile(step);
  const score = compile((params: P, x: tf.Tensor) => model.energy(params, x));

  return {
    model,
    init: async (key) => init(key),
    ...(rule.phases && { phases: rule.phases }),
    async update(state: State, batch, { key, phase: { name: phase } = {} }) {
      assertPhase(rule.phases, phase);
      const x = observe(batch);
      const prepared = await rule.prepare?.(x, key);
      const next = await update(state, { x, labels: labels?.(batch), phase, prepared }, key);
      prepared?.dispose();
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    data: observe,
    score: ({ params }, batch) => score(params, observe(batch)),
    ...sampled?.offers,
    describe: () => "an energy of the data",
    async dispose() {
      await Promise.all([update.dispose(), score.dispose(), sampled?.dispose()]);
    },
  };
}

/** @throws ValidationError for an update in none of the phases of an objective that has phases. */
function assertPhase(known: readonly string[] | undefined, phase: string | undefined): void {
  if (known === undefined || (phase !== undefined && known.includes(phase))) return;
  fail(
    `the update is in ${phase === undefined ? "no phase" : `phase "${phase}"`}`,
    known.join(" or "),
    "give the experiment training.phases",
  );
}
