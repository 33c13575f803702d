/** Persistent contrastive divergence: chains that continue from update to update. */
import type { EnergyModel } from "@ergodic/energies";
import { noisy, type DataNoise } from "@ergodic/noising";
import type { ReplayBuffer, ReplayState } from "@ergodic/samplers";
import { assertNonNegative, assertPositiveInteger, random, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Objective } from "../objective.js";
import { assertChainContrast, chainContrastLoss, type ChainContrastOptions } from "./chain-contrast.js";

export interface PersistentContrastiveOptions extends ChainContrastOptions, DataNoise {
  /** K, the steps of an update. */
  readonly steps: number;
  /** Where the chains live between updates; made by `replayBuffer`. It must hold a batch. */
  readonly buffer: ReplayBuffer;
  /** Steps from the buffer to a sample of the trained model. Default K. */
  readonly samplingSteps?: number;
}

/**
 * Persistent contrastive divergence. The negatives are chains of a replay buffer that take K
 * steps at every update.
 *
 * Samples of the trained model start from positions of the buffer, which is read and not changed:
 * from different ones, up to as many as it holds.
 * Tieleman, "Training restricted Boltzmann machines using approximations to the likelihood
 * gradient" (2008); Du and Mordatch, "Implicit Generation and Modeling with Energy-Based Models",
 * arXiv 1903.08689.
 *
 * @throws ValidationError when a number of steps is no positive integer, or the noise, the
 *   penalty or a weight is negative.
 */
export function persistentContrastive(options: PersistentContrastiveOptions) {
  const { kernel, steps, buffer, dataNoise = 0, samplingSteps = steps } = options;
  assertPositiveInteger({ steps, samplingSteps });
  assertNonNegative({ dataNoise });
  assertChainContrast(options);
  type State = ReplayState<tf.Tensor>;
  return <P extends TensorTree>(model: EnergyModel<P>): Objective<P, State> => ({
    init: (key) => buffer.init(key),
    begin({ params, x, state, key }) {
      const [chainKey, noiseKey, lossKey] = random.split(key, 3) as [Key, Key, Key];
      const moves = kernel((at: tf.Tensor) => model.energy(params, at));
      const run = buffer.update(state, moves, { chains: x.shape[0]!, steps, key: chainKey });
      const pair = { positives: noisy(x, noiseKey, dataNoise), negatives: run.negatives };
      const loss = chainContrastLoss(model, pair, { key: lossKey }, options);
      return {
        loss: (p) => {
          const [value, metrics] = loss(p);
          return [value, { ...metrics, bufferAge: run.report.meanAge }];
        },
        state: run.state,
      };
    },
    sampling: {
      kernel,
      steps: samplingSteps,
      fresh: (key, n) => buffer.start(key, n),
      kept: { count: buffer.size, at: ({ positions }, places) => tf.gather(positions, places) },
    },
  });
}
