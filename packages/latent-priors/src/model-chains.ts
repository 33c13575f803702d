/** The chains of a trained model, opened to whoever asks whether they mix. */
import * as tf from "@tensorflow/tfjs-core";
import { langevin } from "@ergodic/samplers";
import { random, type TensorTree } from "@ergodic/tensor";
import type { ModelChain } from "@ergodic/training";
import { chainsOf, type LatentPriorParams } from "./chains.js";
import { posteriorEnergy, type LatentEnergy } from "./densities.js";
import type { ChainOptions, ResolvedOptions } from "./options.js";

/** Standard deviation of scattered starts: twice that of the Gaussian reference. */
const scatter = 2;

/** Posterior chains are opened for so many observations. */
const observations = 2;

/**
 * `prior`, unless it is a fixed Gaussian, which is drawn from exactly; and `posterior 0`, `posterior 1` of the first observations in `x`.
 */
export function modelChains<G extends TensorTree, E extends TensorTree, Batch>(
  options: ResolvedOptions<G, E, Batch>,
  params: LatentPriorParams<G, E>,
  x: tf.Tensor,
): Record<string, ModelChain> {
  const { generator, observation } = options;
  const prior = chainsOf(options).priorEnergy(params);
  const generated = (z: tf.Tensor): tf.Tensor => generator.apply(params.generator, z);
  const latents = (sd: number): ModelChain["start"] => {
    return (key, n) => random.normal(key, [n, generator.latentDimension], { sd });
  };
  const chain = (
    about: Pick<ModelChain, "description" | "generative">,
    energy: LatentEnergy,
    { steps, stepSize }: ChainOptions,
  ): ModelChain => {
    return {
      ...about,
      steps,
      start: latents(1),
      scattered: latents(scatter),
      kernel: langevin({ energy, stepSize }),
      energy: (z) => energy(z as tf.Tensor),
      show: (z) => observation.decode(generated(z as tf.Tensor)),
    };
  };
  const posterior = (i: number): [string, ModelChain] => {
    const energy: LatentEnergy = (z) => {
      const one = tf.slice(x, i, 1);
      const repeated = tf.tile(one, [z.shape[0]!, ...one.shape.slice(1).map(() => 1)]);
      return posteriorEnergy(prior, (at) => observation.logDensity(generated(at), repeated))(z);
    };
    const description = `the posterior of latents given observation ${i}`;
    return [`posterior ${i}`, chain({ description, generative: false }, energy, options.posterior)];
  };
  const count = Math.min(observations, x.shape[0]!);
  return {
    ...(options.energy && {
      prior: chain({ description: "the prior of latents", generative: true }, prior, options.prior),
    }),
    ...Object.fromEntries(Array.from({ length: count }, (_, i) => posterior(i))),
  };
}
