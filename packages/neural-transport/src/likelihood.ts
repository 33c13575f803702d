/** What the tilt is worth in likelihood: log p(x) = log q(x) - E(x) - log Z on examples the model has not seen. */
import type * as tf from "@tensorflow/tfjs-core";
import type { AnnealedBounds } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type { NeuralTransportLearner, NeuralTransportState } from "./neural-transport.js";
import { importancePartition, partitionBounds, type PartitionOptions } from "./partition.js";

export interface HeldOutLikelihood {
  /** Mean log q(x) of the flow alone, in nats. */
  readonly flow: number;
  /** Mean log p(x) of the tilted model, in nats: with the upper and the lower bound of log Z. */
  readonly model: { readonly lower: number; readonly upper: number };
  /** The same less `flow`: mean -E(x) - log Z. Positive where the tilt explains the examples better than the flow did. */
  readonly gain: { readonly lower: number; readonly upper: number };
  readonly logPartition: AnnealedBounds;
  /** log Z by weights of draws of the flow, its standard error, and what share of them counts, ESS/N: near 1 for a mild tilt. */
  readonly weighed: { readonly logPartition: number; readonly standardError: number; readonly effectiveShare: number };
}

export interface HeldOutOptions extends Pick<PartitionOptions, "levels" | "stepSize"> {
  readonly key: Key;
  /** Chains of annealing, and draws to anneal back from. Default 64. */
  readonly chains?: number;
}

/**
 * @param x examples as the flow sees them, `[n, ...shape]`. Not disposed.
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
