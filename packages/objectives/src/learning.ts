/** One update of an energy, as a pure function. */
import type { EnergyModel } from "@ergodic/energies";
import { refreshed, skipUnsound, trainedGradient, type Optimizer, type SkipUnsoundState } from "@ergodic/nn";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type { Metrics, Objective, UpdateInput } from "./objective.js";

export type EnergyState<P extends TensorTree, S extends TensorTree> = {
  readonly params: P;
  readonly optimizer: SkipUnsoundState<TensorTree>;
  /** What the objective keeps, such as persistent chains. */
  readonly objective: S;
};

/** What one update learns from, of the input of an objective. */
export type Examples = Pick<UpdateInput<TensorTree, TensorTree>, "x" | "labels" | "phase" | "prepared">;

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

    step(state: EnergyState<P, S>, examples: Examples, key: Key): { state: EnergyState<P, S>; metrics: Metrics } {
      const { params } = state;
      const begun = objective.begin({ ...examples, params, state: state.objective, key });
      const { grad, aux } = trainedGradient(begun.loss, { hasAux: true })(params);
      const moved = optimizer.update(params, grad, state.optimizer);
      return {
        state: { params: refreshed(model, moved.params, examples.x), optimizer: moved.state, objective: begun.state },
        metrics: { ...aux, ...optimizer.metrics!(moved.state) },
      };
    },
  };
}
