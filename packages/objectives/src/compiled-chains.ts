/** Compiled chains over energies of parameters. */
import { compile } from "@ergodic/engine";
import type { Energy, KernelState } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { Sampling } from "./objective.js";

/** Steps in one program. Longer programs take longer to compile and run no faster. */
const blockLength = 10;

/**
 * Chains that make the steps of `sampling` over the energy of some parameters. They give the
 * numbers of `runSteps`.
 */
export function compiledChains<A extends TensorTree>(
  { kernel, steps }: Pick<Sampling<never>, "kernel" | "steps">,
  energyOf: (params: A) => Energy,
) {
  type State = KernelState<tf.Tensor>;
  const begin = compile((params: A, start: tf.Tensor): State => kernel(energyOf(params)).init(start));
  const block = compile((params: A, state: State, keys: Key[]): State => {
    const moves = kernel(energyOf(params));
    return keys.reduce((current, key) => moves.step(current, key)[0], state);
  });
  return {
    /** The positions after the steps from `start`. */
    async run(params: A, start: tf.Tensor, key: Key): Promise<tf.Tensor> {
      let state = await begin(params, start);
      for (let done = 0; done < steps;) {
        const count = steps - done >= blockLength ? blockLength : 1;
        const keys = Array.from({ length: count }, (_, i) => random.fold(key, done + i));
        const next = await block(params, state, keys);
        tree.dispose(state);
        state = next;
        done += count;
      }
      const { position, ...others } = state;
      tree.dispose(others);
      return position;
    },
    async dispose(): Promise<void> {
      await Promise.all([begin.dispose(), block.dispose()]);
    },
  };
}
