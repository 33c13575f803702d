/**
 * log p(x) of a model with latents by importance sampling:
 *
 * `log p(x) ≈ log mean_j [p(x | z_j) w_j] - log Z`, `w_j = exp(-E(z_j)) p0(z_j)/q(z_j)`, `z_j ~ q`.
 *
 * Weights by annealing stand in the place of p(x | z_j) w_j. p0 and q are taken with the constant
 * (d/2) log 2π that energies of latents leave out.
 */
import type { Key, TensorTree } from "@ergodic/tensor";
import type { MarginalLikelihood } from "@ergodic/training";
import { partitionEstimate, type PartitionRules } from "./partition.js";

/** Importance weights of observations, compiled. */
export interface LogWeights<P extends TensorTree, X extends TensorTree> {
  /** log of p(x | z_j) w_j, `[n, samples]` row-major. */
  logWeights(params: P, x: X, key: Key, samples: number): Promise<Float64Array>;
  dispose(): Promise<void>;
}

export interface LikelihoodParts<P extends TensorTree, Batch, X extends TensorTree, Z extends TensorTree> {
  readonly observe: (batch: Batch) => X;
  readonly observation: { readonly discrete?: boolean };
  readonly weights: LogWeights<P, X>;
  /** The tilted prior. Undefined where the prior is the base law, whose Z is 1. */
  readonly prior: PartitionRules<P, Z> | undefined;
}

/** The likelihood of a learner. */
export function marginalLikelihood<P extends TensorTree, Batch, X extends TensorTree, Z extends TensorTree>({
  observe,
  observation,
  weights,
  prior,
}: LikelihoodParts<P, Batch, X, Z>) {
  const estimate = prior && partitionEstimate(prior);
  const likelihood: MarginalLikelihood<{ readonly params: P }, Batch> = {
    discrete: observation.discrete ?? false,
    partition: async ({ params }, key) =>
      estimate === undefined ? { logPartition: 0, standardError: 0 } : estimate.partition(params, key),
    logWeights: ({ params }, batch, key, samples) => weights.logWeights(params, observe(batch), key, samples),
  };
  return {
    likelihood,
    async dispose() {
      await Promise.all([weights.dispose(), estimate?.dispose()]);
    },
  };
}
