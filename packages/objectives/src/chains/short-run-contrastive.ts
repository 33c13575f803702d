/** Short runs: chains that start from a fixed law at every update. */
import type { EnergyModel } from "@ergodic/energies";
import { noisy, type DataNoise } from "@ergodic/noising";
import { shortRun, type StartLaw } from "@ergodic/samplers";
import {
  assertFunction,
  assertNonNegative,
  assertPositiveInteger,
  random,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { NoState, Objective } from "../objective.js";
import { assertChainContrast, chainContrastLoss, type ChainContrastOptions } from "./chain-contrast.js";

export interface ShortRunContrastiveOptions extends ChainContrastOptions, DataNoise {
  /** The law of fresh chains, for example uniform noise. */
  readonly start: StartLaw;
  /** K. It is a part of the model: longer chains draw from another law. */
  readonly steps: number;
}

/**
 * Short-run learning. The negatives are K steps from fresh starts, and so are the samples of the
 * trained model.
 *
 * The law of the K-step chain matches the data. The density exp(-E) itself need not. Nijkamp et
 * al., "Learning Non-Convergent Non-Persistent Short-Run MCMC Toward Energy-Based Model", arXiv
 * 1904.09770.
 *
 * @throws ValidationError when `steps` is no positive integer, or the noise, the penalty or a
 *   weight is negative.
 */
export function shortRunContrastive(options: ShortRunContrastiveOptions) {
  const { kernel, start, steps, dataNoise = 0 } = options;
  assertFunction({ start });
  assertPositiveInteger({ steps });
  assertNonNegative({ dataNoise });
  assertChainContrast(options);
  return <P extends TensorTree>(model: EnergyModel<P>): Objective<P, NoState> => ({
    init: () => ({}),
    begin({ params, x, key }) {
      const [chainKey, noiseKey, lossKey] = random.split(key, 3) as [Key, Key, Key];
      const moves = kernel((at: tf.Tensor) => model.energy(params, at));
      const { position } = shortRun(moves, { start, chains: x.shape[0]!, steps, key: chainKey });
      const pair = { positives: noisy(x, noiseKey, dataNoise), negatives: position };
      return { loss: chainContrastLoss(model, pair, { key: lossKey }, options), state: {} };
    },
    sampling: { kernel, steps, fresh: start },
  });
}
