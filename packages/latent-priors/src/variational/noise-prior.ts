/**
 * The prior of a variational model and its chains, in the noise of the latents where they have any.
 *
 * In noise U(ε) = ½|ε|² + E(T(ε)), whose base has curvature 1 in every coordinate however small the
 * standard deviations of the layers are. Cui, Wu, Han, arXiv 2306.06323.
 */
import type { EnergyModel } from "@ergodic/energies";
import { standardNormalEnergy, type Latents } from "@ergodic/generators";
import { langevin, runSteps } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { baseParams } from "../chains.js";
import { priorEnergy, type LatentEnergy } from "../densities.js";
import type { LatentChainOptions } from "../options.js";

/** The parameters that the prior reads. */
export type PriorParams<E extends TensorTree, L extends TensorTree> = {
  readonly energy: E;
  /** Absent where the base law has none. */
  readonly latents?: L;
};

export interface NoisePriorOptions<E extends TensorTree, Z extends TensorTree, L extends TensorTree> {
  readonly energy: EnergyModel<E, Z>;
  readonly latents: Latents<L, Z>;
  readonly prior: LatentChainOptions;
}

/** Pure functions of parameters. "Noise" is z itself for latents without `fromNoise`. */
export function noisePrior<E extends TensorTree, Z extends TensorTree, L extends TensorTree>({
  energy,
  latents,
  prior,
}: NoisePriorOptions<E, Z, L>) {
  type Params = PriorParams<E, L>;
  const toLatents = (params: Params, noise: Z): Z => latents.fromNoise?.(baseParams(params), noise) ?? noise;
  const base = (params: Params): LatentEnergy<Z> =>
    latents.fromNoise === undefined
      ? (z) => latents.energy(baseParams(params), z)
      : (noise) => standardNormalEnergy(noise);
  /** U of noise, `[batch]`. */
  const noiseEnergy = (params: Params): LatentEnergy<Z> =>
    priorEnergy((noise: Z) => energy.energy(params.energy, toLatents(params, noise)), base(params));
  const kernel = (params: Params) => langevin({ energy: noiseEnergy(params), stepSize: prior.stepSize });
  return {
    toLatents,
    noiseEnergy,
    kernel,
    /** `n` latents after the chain of the prior. */
    sample(params: Params, n: number, key: Key): Z {
      const [startKey, chainKey] = random.split(key) as [Key, Key];
      const start = latents.start(startKey, n);
      return toLatents(params, runSteps(kernel(params), start, { steps: prior.steps, key: chainKey }).position);
    },
  };
}
