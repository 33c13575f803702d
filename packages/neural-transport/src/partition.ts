/** log Z = log E_q[exp(-E)] of a tilted model, in three ways. */
import * as tf from "@tensorflow/tfjs-core";
import {
  annealedBounds,
  hmc,
  identityMass,
  importanceSampling,
  sigmoidSchedule,
  type AnnealedBounds,
} from "@ergodic/samplers";
import { assertPositiveInteger, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { standardLogDensity } from "@ergodic/flows";
import { noiseEndpoint, type Tilted, type TiltedParams } from "./tilted.js";

/** -log of exp(-E(g(z))) N(z; 0, I), whose integral is Z. */
function tiltedEndpoint<B extends TensorTree, E extends TensorTree>(model: Tilted<B, E>, params: TiltedParams<B, E>) {
  const tilt = model.tilt(params);
  return { energy: (z: tf.Tensor) => tf.sub(tilt(z), standardLogDensity(z)) as tf.Tensor1D };
}

/** By weights of draws of the backbone: cheap, and right where the tilt is mild. */
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
  /** Positions of long chains on U, `[chains, dimension]`, for the way back. Not disposed. */
  readonly draws: tf.Tensor;
  /** Levels between. Default 60. */
  readonly levels?: number;
  /** Default: as many as `draws`. */
  readonly chains?: number;
  /** Of the Hamiltonian moves at every level, 5 leapfrog steps each. Default 0.3. */
  readonly stepSize?: number;
}

/** By annealing from the backbone to the model, a lower bound on average, and back, an upper one as far as `draws` follow the model. */
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
