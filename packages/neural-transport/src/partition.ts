/** Estimates of log Z = log E_q[exp(-E)] of a tilted model. */
import * as tf from "@tensorflow/tfjs-core";
import { hmc, identityMass } from "@ergodic/samplers";
import { annealedBounds, importanceSampling, sigmoidSchedule, type AnnealedBounds } from "@ergodic/samplers/annealing";
import { assertPositiveInteger, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { standardLogDensity } from "@ergodic/flows";
import { noiseEndpoint, type Tilted, type TiltedParams } from "./tilted.js";

/**
 * Annealing endpoint with energy -log(exp(-E(g(z))) N(z; 0, I)). The integral of its density is Z.
 */
function tiltedEndpoint<B extends TensorTree, E extends TensorTree>(model: Tilted<B, E>, params: TiltedParams<B, E>) {
  const tilt = model.tilt(params);
  return { energy: (z: tf.Tensor) => tf.sub(tilt(z), standardLogDensity(z)) as tf.Tensor1D };
}

/** log Z by importance weights of backbone draws: cheap, and accurate for a mild tilt. */
export async function importancePartition<B extends TensorTree, E extends TensorTree>(
  model: Tilted<B, E>,
  params: TiltedParams<B, E>,
  { draws = 4096, key }: { readonly draws?: number; readonly key: Key },
) {
  const { position, ...estimate } = await importanceSampling({
    from: noiseEndpoint(model.backbone.dimension),
    to: tiltedEndpoint(model, params),
    draws,
    key,
  });
  tree.dispose(position);
  return estimate;
}

export interface PartitionOptions {
  readonly key: Key;
  /**
   * Positions of long chains on U, `[chains, dimension]`, the start of reverse annealing. Not
   * disposed.
   */
  readonly draws: tf.Tensor;
  /** Number of intermediate levels. Default 60. */
  readonly levels?: number;
  /** Number of annealing chains. Default: the number of `draws`. */
  readonly chains?: number;
  /** Step size of the Hamiltonian moves, 5 leapfrog steps at every level. Default 0.3. */
  readonly stepSize?: number;
}

/**
 * Bounds of log Z by annealed importance sampling in both directions.
 *
 * - From the backbone to the model: a lower bound on average.
 * - From the model to the backbone: an upper bound on average, provided that `draws` follow the
 *   model.
 */
export function partitionBounds<B extends TensorTree, E extends TensorTree>(
  model: Tilted<B, E>,
  params: TiltedParams<B, E>,
  { key, draws, levels = 60, chains = draws.shape[0]!, stepSize = 0.3 }: PartitionOptions,
): Promise<AnnealedBounds> {
  assertPositiveInteger({ levels, chains });
  return annealedBounds({
    from: noiseEndpoint(model.backbone.dimension),
    to: tiltedEndpoint(model, params),
    draws,
    kernel: (energy) => hmc({ energy, steps: 5, stepSize, mass: identityMass() }),
    betas: sigmoidSchedule(levels),
    chains,
    key,
  });
}
