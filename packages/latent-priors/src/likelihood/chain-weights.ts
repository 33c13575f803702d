/** Importance weights of an observation, from normal laws fitted to its posterior chains. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { LatentEnergy } from "../densities.js";
import { examplesIn } from "../examples.js";
import { fittedNormal, normalConstant } from "./fitted-normal.js";
import type { LogWeights } from "./likelihood.js";
import { latentsFrom, repeated, vectorsOf } from "./vectors.js";

/** Posterior chains of each observation. */
const CHAINS = 16;

/** The chains run so many times as long as in learning: before their points are kept, and while. */
const [before, kept] = [10, 20];

/** Weighed samples of an observation in one compiled call. */
const SAMPLES = 50;

export interface ChainWeightRules<P extends TensorTree, X extends TensorTree, Z extends TensorTree> {
  /** d, the numbers of a latent. */
  readonly dimension: number;
  /** Where posterior chains start. */
  start(params: P, x: X, key: Key): Z;
  /** The posterior chain of learning, from `z`. */
  move(params: P, x: X, z: Z, key: Key): Z;
  /** -log p(x | z) + E(z) - log p0(z), p0 without its constant (d/2) log 2π. */
  energy(params: P, x: X): LatentEnergy<Z>;
}

/**
 * `log p(x | z_j) + log(exp(-E(z_j)) p0(z_j)) - log q(z_j)` with z_j ~ q, a normal law with mean and
 * covariance of the points of posterior chains.
 *
 * The chains are those of learning, run 30 times as long. They need not be exact: weights correct
 * for any q.
 */
export function chainWeights<P extends TensorTree, X extends TensorTree, Z extends TensorTree>({
  dimension: d,
  start,
  move,
  energy,
}: ChainWeightRules<P, X, Z>): LogWeights<P, X> {
  const begin = compile((params: P, x: X, key: Key) => start(params, repeated(x, CHAINS), key));
  const advance = compile((params: P, x: X, z: Z, key: Key) => move(params, repeated(x, CHAINS), z, key));
  const energies = compile((params: P, x: X, rows: tf.Tensor2D, like: Z) =>
    energy(params, repeated(x, rows.shape[0] / examplesIn("the observation", x)))(latentsFrom(rows, like)),
  );

  /** For each observation the points of its chains, and one latent for its shapes. */
  const pointsOf = async (params: P, x: X, key: Key): Promise<{ points: Float32Array[]; like: Z }> => {
    const [startKey, chainKey] = random.split<Key>(key) as [Key, Key];
    let z = await begin(params, x, startKey);
    const like = tree.map((leaf) => tf.slice(leaf, 0, 1), z as TensorTree) as Z;
    const size = CHAINS * d;
    const points = Array.from({ length: examplesIn("the observation", x) }, () => new Float32Array(kept * size));
    for (let block = 0; block < before + kept; block++) {
      const next = await advance(params, x, z, random.fold(chainKey, block));
      tree.dispose(z as TensorTree);
      z = next;
      if (block < before) continue;
      const values = await vectorsOf(z);
      points.forEach((own, i) => own.set(values.subarray(i * size, (i + 1) * size), (block - before) * size));
    }
    tree.dispose(z as TensorTree);
    return { points, like };
  };

  return {
    async logWeights(params, x, key, samples) {
      const [fitKey, drawKey] = random.split<Key>(key) as [Key, Key];
      const { points, like } = await pointsOf(params, x, fitKey);
      const proposals = points.map((own, i) => {
        const law = fittedNormal(own, d);
        const drawn = law.draw(random.fold(drawKey, i), samples);
        return { drawn, logDensity: law.logDensity(drawn) };
      });
      const logWeights = new Float64Array(points.length * samples);
      for (let from = 0; from < samples; from += SAMPLES) {
        const count = Math.min(SAMPLES, samples - from);
        const rows = new Float32Array(points.length * count * d);
        proposals.forEach(({ drawn }, i) => rows.set(drawn.subarray(from * d, (from + count) * d), i * count * d));
        const at = tf.tensor2d(rows, [points.length * count, d]);
        const found = await energies(params, x, at, like);
        (await found.data()).forEach((value, r) => {
          const [i, j] = [Math.floor(r / count), from + (r % count)];
          logWeights[i * samples + j] = normalConstant(d) - value - proposals[i]!.logDensity[j]!;
        });
        tf.dispose([at, found]);
      }
      tree.dispose(like as TensorTree);
      return logWeights;
    },
    async dispose() {
      await Promise.all([begin, advance, energies].map((program) => program.dispose()));
    },
  };
}
