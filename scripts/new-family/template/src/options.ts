/** Options of the learner, and their defaults. */
import type { EnergyModel } from "@ergodic/energies";
import type { Optimizer } from "@ergodic/nn";
import type { StartLaw } from "@ergodic/samplers";
import type { TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";

export interface FamilyNameOptions<P extends TensorTree, Batch> {
  /** E(x), `[batch]`. */
  readonly energy: EnergyModel<P>;
  readonly optimizer: Optimizer;
  /** The examples of a batch, `[batch, ...]`. */
  readonly observe: (batch: Batch) => tf.Tensor;
  /** Draws n fresh chains. */
  readonly start: StartLaw;
  /** ε of the Langevin steps. Default 0.1. */
  readonly stepSize?: number;
  /** K, the Langevin steps per update. Default 20. */
  readonly steps?: number;
  /** Number of positions in the replay buffer. Default 2,048. */
  readonly bufferSize?: number;
  /** λ, the weight of the penalty on squared energies. Default 0.01. */
  readonly penalty?: number;
}

export const withDefaults = <P extends TensorTree, Batch>(options: FamilyNameOptions<P, Batch>) => ({
  stepSize: 0.1,
  steps: 20,
  bufferSize: 2_048,
  penalty: 0.01,
  ...options,
});

export type ResolvedOptions<P extends TensorTree, Batch> = ReturnType<typeof withDefaults<P, Batch>>;
