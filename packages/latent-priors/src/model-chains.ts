/** The chains of a trained model, exposed for mixing diagnostics. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainKernel, ModelChain } from "@ergodic/training";
import { chainKernel, latentChains, type LatentPriorParams } from "./chains.js";
import type { LatentEnergy } from "./densities.js";
import { examplesIn } from "./examples.js";
import type { LatentChainOptions, ResolvedOptions } from "./options.js";

/** Standard deviation of scattered starts: twice that of the starts of learning. */
export const SCATTER = 2;

/** There is a posterior chain for each of so many observations. */
const observations = 2;

/** `one` example of each leaf, `n` times. */
const repeated = (one: TensorTree, n: number): TensorTree =>
  tree.map((leaf) => tf.tile(leaf, [n, ...leaf.shape.slice(1).map(() => 1)]), one);

/**
 * The chains by name: `prior`, and `posterior 0` and `posterior 1` of the first observations in
 * `x`. Without a tilt there is no `prior`, because the base law is drawn from exactly.
 */
export function modelChains<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
>(
  options: ResolvedOptions<G, E, Batch, X, Z, L, Y>,
  params: LatentPriorParams<G, E, L>,
  x: X,
): Record<string, ModelChain> {
  const { generator, latents, observation } = options;
  const { priorEnergy, temperedEnergy, posteriorStart } = latentChains(options);
  const chain = (
    about: Pick<ModelChain, "description" | "generative">,
    energy: LatentEnergy<Z>,
    given: LatentChainOptions,
    start: (key: Key, n: number) => Z = (key, n) => latents.start(key, n),
  ): ModelChain => {
    return {
      ...about,
      steps: given.steps,
      start,
      scattered: (key, n) => latents.start(key, n, { sd: SCATTER }),
      kernel: chainKernel(energy, given) as ChainKernel,
      energy: (z) => energy(z as Z),
      observe: (z) => observation.decode(generator.apply(params.generator, z as Z)),
      ...(observation.show && { show: (shown: TensorTree) => observation.show!(shown as X) }),
    };
  };
  const posterior = (i: number): [string, ModelChain] => {
    const observed = (n: number): X =>
      repeated(
        tree.map((leaf) => tf.slice(leaf, i, 1), x as TensorTree),
        n,
      ) as X;
    const energy: LatentEnergy<Z> = (z) => temperedEnergy(params, observed(examplesIn("the latents", z)))(z);
    const start = (key: Key, n: number): Z => posteriorStart(params, observed(n), key);
    const description = `the posterior of latents given observation ${i}`;
    return [`posterior ${i}`, chain({ description, generative: false }, energy, options.posterior, start)];
  };
  const count = Math.min(observations, examplesIn("the observation", x));
  return {
    ...(options.energy && {
      prior: {
        ...chain({ description: "the prior of latents", generative: true }, priorEnergy(params), options.prior),
        tilt: (z) => options.energy!.energy(params.energy!, z as Z),
      },
    }),
    ...Object.fromEntries(Array.from({ length: count }, (_, i) => posterior(i))),
  };
}
