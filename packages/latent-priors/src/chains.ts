/**
 * Energies and short-run chains of the model: pure functions of its parameters, for use inside a
 * compiled function.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { NoParams } from "@ergodic/nn";
import { advance, langevin, runSteps } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { posteriorEnergy, priorEnergy, type LatentEnergy } from "./densities.js";
import { examplesIn } from "./examples.js";
import type { LatentChainOptions, ResolvedOptions } from "./options.js";

export type LatentPriorParams<G extends TensorTree, E extends TensorTree, L extends TensorTree = NoParams> = {
  readonly generator: G;
  /** Absent where the prior is the base law. */
  readonly energy?: E;
  /** Parameters of the base law. Absent where it has none, as N(0, I). */
  readonly latents?: L;
  /** Parameters of q(z | x). Absent where posterior chains start from N(0, I). */
  readonly inference?: TensorTree;
};

export interface LatentChains<
  G extends TensorTree,
  E extends TensorTree,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
  L extends TensorTree = NoParams,
> {
  /** U(z), the energy of the prior. */
  priorEnergy(params: LatentPriorParams<G, E, L>): LatentEnergy<Z>;
  /** U(z | x), the energy of the posterior, with one latent for each observation. */
  posteriorEnergy(params: LatentPriorParams<G, E, L>, x: X): LatentEnergy<Z>;
  /** What the posterior chain samples: U(z | x) with its `likelihoodWeight`. */
  temperedEnergy(params: LatentPriorParams<G, E, L>, x: X): LatentEnergy<Z>;
  /** `n` exact draws of the base law. */
  sampleBase(params: LatentPriorParams<G, E, L>, n: number, key: Key): Z;
  /** `n` latents after the prior chain. Without a tilt these are exact draws of the base law. */
  samplePrior(params: LatentPriorParams<G, E, L>, n: number, key: Key): Z;
  /** Where posterior chains start: draws of q(z | x), or of N(0, I) without an inference model. */
  posteriorStart(params: LatentPriorParams<G, E, L>, x: X, key: Key): Z;
  /** The latents of observations after one posterior step for each key, from `z`. */
  advancePosterior(params: LatentPriorParams<G, E, L>, x: X, z: Z, keys: readonly Key[]): Z;
  /** One latent for each observation after the posterior chain. */
  samplePosterior(params: LatentPriorParams<G, E, L>, x: X, key: Key): Z;
}

/** The parameters of the base law: a tree without leaves where it has none. */
export const baseParams = <L extends TensorTree>({ latents }: { readonly latents?: L }): L =>
  latents ?? ([] as TensorTree as L);

/** The kernel of a chain with these options. */
export const chainKernel = <Z extends TensorTree>(
  energy: LatentEnergy<Z>,
  { stepSize, noise = true }: LatentChainOptions,
) => langevin({ energy, stepSize, withNoise: noise });

export function latentChains<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
>(options: ResolvedOptions<G, E, Batch, X, Z, L, Y>): LatentChains<G, E, X, Z, L> {
  const { generator, energy, latents, inference, observation } = options;
  type Params = LatentPriorParams<G, E, L>;

  const moved = (target: LatentEnergy<Z>, chain: LatentChainOptions, z: Z, key: Key): Z =>
    runSteps(chainKernel(target, chain), z, { steps: chain.steps, key }).position;
  const shortRun = (target: LatentEnergy<Z>, chain: LatentChainOptions, start: (key: Key) => Z, key: Key): Z => {
    const [startKey, chainKey] = random.split(key, 2) as [Key, Key];
    return moved(target, chain, start(startKey), chainKey);
  };

  const prior = (params: Params): LatentEnergy<Z> =>
    priorEnergy(energy && ((z: Z) => energy.energy(params.energy!, z)), (z) => latents.energy(baseParams(params), z));
  const posterior = (params: Params, x: X, weight?: number): LatentEnergy<Z> =>
    posteriorEnergy(prior(params), (z) => observation.logDensity(generator.apply(params.generator, z), x), weight);
  const tempered = (params: Params, x: X) => posterior(params, x, options.posterior.likelihoodWeight);
  const base = (params: Params, n: number, key: Key): Z => latents.draw(baseParams(params), key, n);

  const posteriorStart = (params: Params, x: X, key: Key): Z =>
    inference === undefined
      ? latents.start(key, examplesIn("the observation", x))
      : inference.draw(params.inference!, x, key);

  return {
    priorEnergy: prior,
    posteriorEnergy: (params, x) => posterior(params, x),
    temperedEnergy: tempered,
    sampleBase: base,
    samplePrior: (params, n, key) =>
      energy === undefined
        ? base(params, n, key)
        : shortRun(prior(params), options.prior, (start) => latents.start(start, n), key),
    posteriorStart,
    advancePosterior(params, x, z, keys) {
      const kernel = chainKernel(tempered(params, x), options.posterior);
      return advance(kernel, kernel.init(z), keys).state.position;
    },
    samplePosterior: (params, x, key) =>
      shortRun(tempered(params, x), options.posterior, (start) => posteriorStart(params, x, start), key),
  };
}
