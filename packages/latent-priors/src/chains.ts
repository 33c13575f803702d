/** The short-run chains of the model: pure functions of its parameters, for use inside a compiled function. */
import type * as tf from "@tensorflow/tfjs-core";
import { langevin, runSteps } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { posteriorEnergy, priorEnergy, type LatentEnergy } from "./densities.js";
import type { ChainOptions, ResolvedOptions } from "./options.js";

export type LatentPriorParams<G extends TensorTree, E extends TensorTree> = {
  readonly generator: G;
  /** Absent for a fixed Gaussian prior. */
  readonly energy?: E;
};

export interface Chains<G extends TensorTree, E extends TensorTree> {
  /** U(z), the energy of the prior. */
  priorEnergy(params: LatentPriorParams<G, E>): LatentEnergy;
  /** `n` latents after the prior chain; for a fixed Gaussian prior, exact draws. */
  samplePrior(params: LatentPriorParams<G, E>, n: number, key: Key): tf.Tensor;
  /** One latent for each observation after the posterior chain. */
  samplePosterior(params: LatentPriorParams<G, E>, x: tf.Tensor, key: Key): tf.Tensor;
}

export function chainsOf<G extends TensorTree, E extends TensorTree, Batch>(
  options: ResolvedOptions<G, E, Batch>,
): Chains<G, E> {
  const { generator, energy, observation } = options;

  const shortRun = (target: LatentEnergy, { steps, stepSize }: ChainOptions, n: number, key: Key): tf.Tensor => {
    const [start, chain] = random.split(key, 2) as [Key, Key];
    const initial = random.normal(start, [n, generator.latentDimension]);
    return runSteps(langevin({ energy: target, stepSize }), initial, { steps, key: chain }).position;
  };

  const prior = (params: LatentPriorParams<G, E>): LatentEnergy =>
    priorEnergy(energy === undefined ? undefined : (z) => energy.energy(params.energy!, z));

  return {
    priorEnergy: prior,
    samplePrior: (params, n, key) =>
      energy === undefined
        ? random.normal(key, [n, generator.latentDimension])
        : shortRun(prior(params), options.prior, n, key),
    samplePosterior: (params, x, key) => {
      const likelihood = (z: tf.Tensor): tf.Tensor => observation.logDensity(generator.apply(params.generator, z), x);
      return shortRun(posteriorEnergy(prior(params), likelihood), options.posterior, x.shape[0]!, key);
    },
  };
}
