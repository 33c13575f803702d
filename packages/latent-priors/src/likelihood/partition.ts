/** log Z of the prior by importance sampling. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { importanceLikelihood } from "@ergodic/evaluation/likelihood";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { PartitionEstimate } from "@ergodic/training";
import type { LatentEnergy } from "../densities.js";
import { fittedNormal, normalConstant, standardLaw } from "@ergodic/evaluation/likelihood";
import { latentsFrom, vectorsOf } from "./vectors.js";

/** Draws of the prior that a law is fitted to, and weighed draws of each law of the mixture. */
const [fittedDraws, draws] = [2_000, 5_000];

/** Energies of one compiled call. */
const CHUNK = 1_000;

export interface PartitionRules<P extends TensorTree, Z extends TensorTree> {
  /** d, the numbers of a latent. */
  readonly dimension: number;
  /** `n` draws of the prior, in noise. */
  sample(params: P, n: number, key: Key): Promise<Z>;
  /** U of noise, the energy of the tilted law without its constants. */
  energy(params: P): LatentEnergy<Z>;
}

/**
 * log Z = log E_{p0}[exp(-E)] from weighed draws of ½ N(0, I) + ½ N(m, S), with m and S of draws of
 * the prior:
 *
 * `Z ≈ mean_j exp(-U(ε_j)) (2π)^(-d/2) / q(ε_j)`, half of the ε_j from each law.
 *
 * The first law bounds the weights wherever the second has missed the prior, and the second is near
 * the prior where it is far from N(0, I). Owen and Zhou, "Safe and Effective Importance Sampling"
 * (2000).
 */
export function partitionEstimate<P extends TensorTree, Z extends TensorTree>({
  dimension: d,
  sample,
  energy,
}: PartitionRules<P, Z>) {
  const energies = compile((params: P, rows: tf.Tensor2D, like: Z) => energy(params)(latentsFrom(rows, like)));
  return {
    async partition(params: P, key: Key): Promise<PartitionEstimate> {
      const [fitKey, ...keys] = random.split(key, 3) as [Key, Key, Key];
      const drawn = await sample(params, fittedDraws, fitKey);
      const like = tree.map((leaf) => tf.slice(leaf, 0, 1), drawn);
      const laws = [standardLaw(d), fittedNormal(await vectorsOf(drawn), d)];
      tree.dispose(drawn);
      const logWeights = new Float64Array(laws.length * draws);
      for (const [l, law] of laws.entries()) {
        const points = law.draw(keys[l]!, draws);
        const [first, second] = laws.map((each) => each.logDensity(points)) as [Float64Array, Float64Array];
        for (let from = 0; from < draws; from += CHUNK) {
          const rows = tf.tensor2d(points.subarray(from * d, (from + CHUNK) * d), [CHUNK, d]);
          const found = await energies(params, rows, like);
          (await found.data()).forEach((u, i) => {
            const at = from + i;
            logWeights[l * draws + at] = normalConstant(d) - u - logMean(first[at]!, second[at]!);
          });
          tf.dispose([rows, found]);
        }
      }
      tree.dispose(like);
      const { logLikelihoods, effectiveSamples } = importanceLikelihood(logWeights, logWeights.length);
      const [effective] = effectiveSamples as unknown as [number];
      return {
        logPartition: logLikelihoods[0]!,
        standardError: Math.sqrt(Math.max(0, 1 / effective - 1 / logWeights.length)),
        samples: logWeights.length,
        effectiveSamples: effective,
      };
    },
    dispose: () => energies.dispose(),
  };
}

/** log of the mean of exp a and exp b. */
const logMean = (a: number, b: number): number => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))) - Math.LN2;
