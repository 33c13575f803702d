/** Contrastive divergence: chains that start at the data. */
import type { EnergyModel } from "@ergodic/energies";
import type { DataNoise } from "@ergodic/noising";
import { contrastiveRun } from "@ergodic/samplers";
import { assertNonNegative, assertPositiveInteger, random, type Key, type TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { NoState, Objective } from "../objective.js";
import { assertChainContrast, chainContrastLoss, type ChainContrastOptions } from "./chain-contrast.js";

export interface ContrastiveDivergenceOptions extends ChainContrastOptions, DataNoise {
  /** K, the steps from the data to the negatives. */
  readonly steps: number;
}

/**
 * Contrastive divergence with K steps. The negatives are the ends of chains that start at the data
 * of the batch.
 *
 * The gradient is biased: it leaves out how the negatives change with the energy. Modes far from
 * the data are not seen. Hinton, "Training products of experts by minimizing contrastive
 * divergence" (2002).
 *
 * @throws ValidationError when `steps` is no positive integer, or the noise, the penalty or a
 *   weight is negative.
 */
export function contrastiveDivergence(options: ContrastiveDivergenceOptions) {
  const { kernel, steps, dataNoise = 0 } = options;
  assertPositiveInteger({ steps });
  assertNonNegative({ dataNoise });
  assertChainContrast(options);
  return <P extends TensorTree>(model: EnergyModel<P>): Objective<P, NoState> => ({
    init: () => ({}),
    begin({ params, x, key }) {
      const [chainKey, lossKey] = random.split(key) as [Key, Key];
      const moves = kernel((at: tf.Tensor) => model.energy(params, at));
      const run = contrastiveRun(moves, x, { steps, key: chainKey, dataNoise });
      return { loss: chainContrastLoss(model, run, { key: lossKey }, options), state: {} };
    },
  });
}
