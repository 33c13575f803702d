/** Repeated updates of a learner, as the work of a case. */
import { freeNow, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner, LearnerState } from "@ergodic/training";
import { fixedLike } from "./numbers.js";

/**
 * Disposes tensors whose arrays nothing else has, and frees these. Peers overwrite their parameters,
 * while garbage is collected late.
 */
function freed(tensors: TensorTree): void {
  const arrays = tree.leaves(tensors).map((leaf) => leaf.dataSync());
  tree.dispose(tensors);
  freeNow(arrays);
}

/**
 * Updates from fixed parameters, one a call, on one batch. A call gives the metric of this name.
 */
export async function iterated<S extends LearnerState, Batch>(
  learner: Learner<S, Batch>,
  batch: Batch,
  { key, metric }: { readonly key: Key; readonly metric: string },
) {
  const initial = await learner.init(key, batch);
  freed(initial.params as TensorTree);
  let state: S = { ...initial, params: fixedLike(initial.params as TensorTree) };
  let done = 0;
  return {
    /** Parameters with the fixed numbers of the start. */
    params: (): S["params"] => fixedLike(state.params as TensorTree),
    async call(): Promise<number> {
      const context = { key: random.fold(key, done), iteration: done++ };
      const { state: next, metrics } = await learner.update(state, batch, context);
      // Later states are in arrays that updates use again.
      (context.iteration === 0 ? freed : tree.dispose)(state as unknown as TensorTree);
      state = next;
      return metrics[metric]!;
    },
  };
}
