/** One update of an energy, as a pure function. */
import type { EnergyModel } from "@ergodic/energies";
import { refreshed, skipUnsound, trainedGradient, type Optimizer, type SkipUnsoundState } from "@ergodic/nn";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { Metrics, Objective } from "./objective.js";

export type EnergyState<P extends TensorTree, S extends TensorTree> = {
  readonly params: P;
  readonly optimizer: SkipUnsoundState<TensorTree>;
  /** What the objective keeps, such as persistent chains. */
  readonly objective: S;
};

export interface Examples {
  readonly x: tf.Tensor;
  readonly labels?: tf.Tensor1D | undefined;
}

/** The first state, and the step from one state to the next. */
export function learning<P extends TensorTree, S extends TensorTree>(
  model: EnergyModel<P>,
  objective: Objective<P, S>,
  given: Optimizer,
) {
  const optimizer = skipUnsound(given);
  return {
    init(key: Key): EnergyState<P, S> {
      const [paramsKey, objectiveKey] = random.split(key) as [Key, Key];
      const params = model.init(paramsKey);
      return { params, optimizer: optimizer.init(params), objective: objective.init(objectiveKey) };
    },

    step(state: EnergyState<P, S>, { x, labels }: Examples, key: Key): { state: EnergyState<P, S>; metrics: Metrics } {
      const { params } = state;
      const begun = objective.begin({ params, x, labels, state: state.objective, key });
      const { grad, aux } = trainedGradient(begun.loss, { hasAux: true })(params);
      const moved = optimizer.update(params, grad, state.optimizer);
      return {
        state: { params: refreshed(model, moved.params, x), optimizer: moved.state, objective: begun.state },
        metrics: { ...aux, ...optimizer.metrics!(moved.state) },
      };
    },
  };
}
