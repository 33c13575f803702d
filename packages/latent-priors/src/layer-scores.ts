/**
 * Latents with layers drawn anew below a layer, and the scores that follow.
 *
 * Cui, Wu, Han, "Learning Joint Latent Space EBM Prior Model for Multi-layer Generator", arXiv
 * 2306.06323. The ratio of two scores is the statistic of Havtorn et al., "Hierarchical VAEs Know
 * What They Don't Know", arXiv 2102.08248.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, assertInteger, random, type Key, type TensorTree } from "@ergodic/tensor";
import type { LatentEnergy } from "./densities.js";

/** The maps between noise and latents, and layers of noise drawn anew given the others. */
export interface NoiseRules<P extends TensorTree, Z extends TensorTree> {
  toLatents(params: P, noise: Z): Z;
  toNoise(params: P, z: Z): Z;
  redraw(params: P, noise: Z, layers: readonly string[], key: Key): Z;
}

/**
 * z with its lowest k layers drawn from the prior given the others, by its chain in their noise.
 * With k = 0 it is z.
 *
 * @param layers names from the bottom to the top.
 * @throws ValidationError unless 0 ≤ k < L.
 */
export function redrawnBelow<P extends TensorTree, Z extends TensorTree>(
  { toLatents, toNoise, redraw }: NoiseRules<P, Z>,
  layers: readonly string[],
) {
  return (params: P, z: Z, k: number, key: Key): Z => {
    assertInteger({ k });
    assertInRange({ k }, { min: 0, max: layers.length - 1 });
    if (k === 0) return z;
    const drawn = toLatents(params, redraw(params, toNoise(params, z), layers.slice(0, k), key));
    const all = z as Readonly<Record<string, TensorTree>>;
    // The others keep their bits, which the way through noise may round.
    const held = Object.fromEntries(layers.slice(k).map((name) => [name, all[name]!]));
    return { ...(drawn as Readonly<Record<string, TensorTree>>), ...held } as TensorTree as Z;
  };
}

/**
 * For every layer but the top, with z from inference:
 * - `above.<layer>`: -L^{>k}(x), the energy with the layers up to this one drawn anew from the
 *   prior.
 * - `ratioAbove.<layer>`: LLR^{>k}(x) = L^{>0} - L^{>k}, high where lower layers explain an
 *   observation better than the upper ones can.
 */
export function layerScores<P extends TensorTree, Z extends TensorTree>(
  noise: NoiseRules<P, Z>,
  layers: readonly string[],
) {
  const below = redrawnBelow(noise, layers);
  return (params: P, energy: LatentEnergy<Z>, z: Z, key: Key): Record<string, tf.Tensor1D> =>
    Object.fromEntries(
      layers.slice(0, -1).flatMap((layer, i): [string, tf.Tensor1D][] => {
        const above = energy(below(params, z, i + 1, random.fold(key, i)));
        return [
          [`above.${layer}`, above as tf.Tensor1D],
          [`ratioAbove.${layer}`, tf.sub(above, energy(z))],
        ];
      }),
    );
}
