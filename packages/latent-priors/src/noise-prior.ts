/**
 * The prior in the noise of the latents where they have any, and its chains.
 *
 * In noise U(ε) = ½|ε|² + E(T(ε)), whose base has curvature 1 in every coordinate however small the
 * standard deviations of the layers are. Cui, Wu, Han, arXiv 2306.06323.
 */
import type { EnergyModel } from "@ergodic/energies";
import { standardNormalEnergy, type Latents } from "@ergodic/generators";
import { runSteps } from "@ergodic/samplers";
import { fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { baseParams, chainKernel } from "./chains.js";
import { priorEnergy, type LatentEnergy } from "./densities.js";
import { examplesIn } from "./examples.js";
import type { LatentChainOptions } from "./options.js";

/** The parameters that the prior reads. */
export type PriorParams<E extends TensorTree, L extends TensorTree> = {
  /** Absent where the prior is the base law. */
  readonly energy?: E;
  /** Absent where the base law has none. */
  readonly latents?: L;
};

export interface NoisePriorOptions<E extends TensorTree, Z extends TensorTree, L extends TensorTree> {
  readonly energy: EnergyModel<E, Z> | undefined;
  readonly latents: Latents<L, Z>;
  readonly prior: LatentChainOptions;
  /**
   * False leaves the Jacobian of T out, as the code of arXiv 2306.06323 does: chains in noise
   * sample the density of z at T(ε), U(ε) = E(T(ε)) - log p0(T(ε)). Where deviations depend on
   * upper layers that is not the prior. Default true.
   */
  readonly jacobian?: boolean;
}

/** Pure functions of parameters. "Noise" is z itself for latents without `fromNoise`. */
export interface NoisePrior<E extends TensorTree, Z extends TensorTree, L extends TensorTree> {
  toLatents(params: PriorParams<E, L>, noise: Z): Z;
  /** @throws ValidationError for latents that have `fromNoise` and no `toNoise`. */
  toNoise(params: PriorParams<E, L>, z: Z): Z;
  /** U of noise, `[batch]`. */
  noiseEnergy(params: PriorParams<E, L>): LatentEnergy<Z>;
  kernel(params: PriorParams<E, L>): ReturnType<typeof chainKernel<Z>>;
  /** `n` latents after the chain of the prior. */
  sample(params: PriorParams<E, L>, n: number, key: Key): Z;
  /**
   * Noise with the named layers drawn anew, by the chain of the prior given all others. Layers are
   * named by their paths in the tree.
   *
   * For latents whose T reads each layer from those above, redrawn lower layers are draws of the
   * prior given the upper ones.
   *
   * @throws ValidationError for no layer, or one that is not there.
   */
  redraw(params: PriorParams<E, L>, noise: Z, layers: readonly string[], key: Key): Z;
}

export function noisePrior<E extends TensorTree, Z extends TensorTree, L extends TensorTree>({
  energy,
  latents,
  prior,
  jacobian = true,
}: NoisePriorOptions<E, Z, L>): NoisePrior<E, Z, L> {
  type Params = PriorParams<E, L>;
  const { steps } = prior;
  const toLatents = (params: Params, noise: Z): Z => latents.fromNoise?.(baseParams(params), noise) ?? noise;
  const base = (params: Params): LatentEnergy<Z> =>
    latents.fromNoise !== undefined && jacobian
      ? (noise) => standardNormalEnergy(noise)
      : (noise) => latents.energy(baseParams(params), toLatents(params, noise));
  const noiseEnergy = (params: Params): LatentEnergy<Z> =>
    priorEnergy(energy && ((noise: Z) => energy.energy(params.energy!, toLatents(params, noise))), base(params));
  const kernel = (params: Params) => chainKernel(noiseEnergy(params), prior);
  return {
    toLatents,
    toNoise(params, z) {
      if (latents.fromNoise === undefined) return z;
      if (latents.toNoise === undefined)
        fail("the latents have fromNoise and no toNoise", "both", "give them the inverse map too");
      return latents.toNoise(baseParams(params), z);
    },
    noiseEnergy,
    kernel,
    sample(params, n, key) {
      const [startKey, chainKey] = random.split(key) as [Key, Key];
      const start = latents.start(startKey, n);
      return toLatents(params, runSteps(kernel(params), start, { steps, key: chainKey }).position);
    },
    redraw(params, noise, layers, key) {
      const { leaves: held, structure } = tree.flatten(noise as TensorTree);
      const paths = tree.paths(noise as TensorTree);
      const unknown = layers.find((layer) => !paths.includes(layer));
      if (unknown !== undefined || layers.length === 0)
        fail(`the layers to redraw are "${layers.join(", ")}"`, `some of ${paths.join(", ")}`);
      const [startKey, chainKey] = random.split(key) as [Key, Key];
      const fresh = tree.leaves(latents.start(startKey, examplesIn("the latents", noise)) as TensorTree);
      const beside = (drawn: TensorTree): Z => {
        const left = [...tree.leaves(drawn)];
        return tree.unflatten(
          structure,
          held.map((leaf, i) => (layers.includes(paths[i]!) ? left.shift()! : leaf)),
        ) as Z;
      };
      const start: TensorTree = fresh.filter((_, i) => layers.includes(paths[i]!));
      const given = chainKernel<TensorTree>((drawn) => noiseEnergy(params)(beside(drawn)), prior);
      return beside(runSteps(given, start, { steps, key: chainKey }).position);
    },
  };
}
