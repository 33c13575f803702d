/** Learners of data whose modes are known. */
import type { ChainPosition, ModelChain } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";

/**
 * The learner with labels on its chains.
 *
 * @param label for a chain, the function from positions to the numbers of their modes, `[n]`
 */
export function withLabels<S, B, L>(
  learner: L & { chains?(state: S, batch: B): Readonly<Record<string, ModelChain>> },
  label: (chain: ModelChain) => (position: ChainPosition) => tf.Tensor,
) {
  return {
    ...learner,
    chains: (state: S, batch: B) =>
      Object.fromEntries(
        Object.entries(learner.chains?.(state, batch) ?? {}).map(([name, chain]) => [
          name,
          { ...chain, label: label(chain) },
        ]),
      ),
  };
}
