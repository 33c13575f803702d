/** Held-out likelihood of a tilted flow: log p(x) = log q(x) - E(x) - log Z. */
import type * as tf from "@tensorflow/tfjs-core";
import type { AnnealedBounds } from "@ergodic/samplers/annealing";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type { NeuralTransportLearner, NeuralTransportState } from "./neural-transport.js";
import { importancePartition, partitionBounds, type PartitionOptions } from "./partition.js";

export interface HeldOutLikelihood {
  /** Mean log q(x) of the flow alone, in nats. */
  readonly flow: number;
  /**
   * Mean log p(x) of the tilted model, in nats, computed with the upper and the lower bound of log
   * Z.
   */
  readonly model: { readonly lower: number; readonly upper: number };
  /** `model` minus `flow`: mean -E(x) - log Z. Positive when the tilt improves on the flow. */
  readonly gain: { readonly lower: number; readonly upper: number };
  readonly logPartition: AnnealedBounds;
  /**
   * log Z by importance weights of flow draws, its standard error, and the effective share ESS/N,
   * near 1 for a mild tilt.
   */
  readonly weighed: { readonly logPartition: number; readonly standardError: number; readonly effectiveShare: number };
}

export interface HeldOutOptions extends Pick<PartitionOptions, "levels" | "stepSize"> {
  readonly key: Key;
  /** Number of annealing chains, and number of draws for the reverse annealing. Default 64. */
  readonly chains?: number;
}

/**
 * Mean log-likelihoods of flow and tilted model on held-out examples.
 *
 * @param x examples as the flow takes them, `[n, ...shape]`. Not disposed.
 */
export async function heldOutLikelihood<B extends TensorTree, E extends TensorTree, Batch>(
  learner: NeuralTransportLearner<B, E, Batch>,
  state: NeuralTransportState<B, E>,
  x: tf.Tensor,
  { key, chains = 64, ...annealing }: HeldOutOptions,
): Promise<HeldOutLikelihood> {
  const [drawKey, boundsKey, weightKey] = random.split(key, 3) as [Key, Key, Key];
  const densities = await learner.logDensities(state, x);
  const mean = async (values: tf.Tensor): Promise<number> =>
    [...(await values.data())].reduce((sum, value) => sum + value, 0) / values.size;
  const [flow, tilt] = [await mean(densities.flow), await mean(densities.tilt)];
  densities.flow.dispose();
  densities.tilt.dispose();
  const draws = await learner.sampleNoise(state, drawKey, chains);
  try {
    const logPartition = await partitionBounds(learner.model, state.params, { ...annealing, key: boundsKey, draws });
    const weighed = await importancePartition(learner.model, state.params, { key: weightKey });
    const gain = { lower: tilt - logPartition.upper, upper: tilt - logPartition.lower };
    const { logPartition: byWeights, standardError, effectiveShare } = weighed;
    return {
      flow,
      model: { lower: flow + gain.lower, upper: flow + gain.upper },
      gain,
      logPartition,
      weighed: { logPartition: byWeights, standardError, effectiveShare },
    };
  } finally {
    draws.dispose();
  }
}
