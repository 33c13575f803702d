/** Importance weights of an observation, by annealing from a normal law to its posterior. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { standardNormalEnergy } from "@ergodic/generators";
import { hmc, identityMass } from "@ergodic/samplers";
import { linearSchedule, openAnnealing } from "@ergodic/samplers/annealing";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { LatentEnergy } from "../densities.js";
import { examplesIn } from "../examples.js";
import { fittedNormal } from "@ergodic/evaluation/likelihood";
import type { LogWeights } from "./likelihood.js";
import { latentsFrom, repeated, vectorsOf } from "./vectors.js";

/** Posterior chains of each observation. */
const CHAINS = 16;

/** The chains run so many times as long as in learning: before their points are kept, and while. */
const [before, kept] = [10, 20];

/** Steps of β from 0 to 1, and the moves at each. The step is in units of the fitted law. */
const levels = 30;
const moves = { stepSize: 0.3, steps: 3 };

/** Weighed samples of an observation in one compiled call. */
const atOnce = 50;

/** For each observation the points of its chains, and one latent for its shapes. */
interface ChainPoints<Z extends TensorTree> {
  readonly points: readonly Float32Array[];
  readonly like: Z;
}

export interface ChainWeightRules<P extends TensorTree, X extends TensorTree, Z extends TensorTree> {
  /** d, the numbers of a latent. */
  readonly dimension: number;
  /** Where posterior chains start. */
  start(params: P, x: X, key: Key): Z;
  /** -log p(x | z) + E(z) - log p0(z), p0 without its constant (d/2) log 2π. */
  energy(params: P, x: X): LatentEnergy<Z>;
  /** The posterior chain of learning with noise, from `z`, compiled. */
  move(params: P, x: X, z: Z, key: Key): Promise<Z>;
}

/**
 * Weights by annealing from a normal law q to the posterior. q has mean m and covariance L Lᵀ of
 * the points of posterior chains.
 *
 * Draws u ~ N(0, I) with z = m + L u move along exp(-E_β), by Hamiltonian Monte Carlo with an
 * accept step at every β:
 *
 *   E_β(u) = (1 - β) ½|u|² + β [-log p(x | z) + E(z) - log p0(z) - log det L]
 *
 * Their weights are those of importance sampling on the whole way of a draw. Without the moves in
 * between they are p(x | z) exp(-E(z)) p0(z)/q(z). The constants (d/2) log 2π of N(0, I) and p0
 * cancel.
 *
 * The chains are those of learning, run 30 times as long. They need not be exact, because weights
 * correct for any q. Neal, "Annealed Importance Sampling" (2001); Wu, Burda, Salakhutdinov, Grosse,
 * "On the Quantitative Analysis of Decoder-Based Generative Models", arXiv 1611.04273.
 */
export function chainWeights<P extends TensorTree, X extends TensorTree, Z extends TensorTree>({
  dimension: d,
  start,
  move,
  energy,
}: ChainWeightRules<P, X, Z>): LogWeights<P, X> {
  const begin = compile((params: P, x: X, key: Key) => start(params, repeated(x, CHAINS), key));
  const repeat = compile((x: X) => repeated(x, CHAINS));
  /** log of `count` weights for each observation, for each key. */
  const annealing = (params: P, x: X, { points, like }: ChainPoints<Z>, count: number) => {
    const laws = points.map((own) => fittedNormal(own, d));
    const n = laws.length;
    const mean = tf.tensor3d(laws.map((law) => [[...law.mean]]));
    const lower = tf.tensor3d(laws.map((law) => law.lower.map((row) => [...row])));
    const logVolume = tf.tensor2d(laws.map((law) => [law.lower.reduce((sum, row, i) => sum + Math.log(row[i]!), 0)]));
    const place = (u: tf.Tensor): tf.Tensor2D =>
      tf.reshape(tf.add(tf.matMul(tf.reshape(u, [n, count, d]), lower, false, true), mean), [n * count, d]);
    const runner = openAnnealing({
      from: { energy: standardNormalEnergy, sample: (key, rows) => random.normal(key, [rows, d]) },
      to: {
        energy: (u) =>
          tf.sub<tf.Tensor1D>(
            energy(params, repeated(x, count))(latentsFrom(place(u), like)),
            tf.reshape(repeated(logVolume, count), [n * count]),
          ),
      },
      kernel: (of) => hmc({ energy: of, ...moves, mass: identityMass() }),
      chains: n * count,
    });
    return {
      async logWeights(key: Key): Promise<Float64Array> {
        const { position, logWeights } = await runner.forward(linearSchedule(levels), key);
        position.dispose();
        return logWeights;
      },
      async dispose() {
        await runner.dispose();
        tf.dispose([mean, lower, logVolume]);
      },
    };
  };

  const pointsOf = async (params: P, x: X, key: Key): Promise<ChainPoints<Z>> => {
    const [startKey, chainKey] = random.split<Key>(key) as [Key, Key];
    let z = await begin(params, x, startKey);
    const many = await repeat(x);
    const like = tree.map((leaf) => tf.slice(leaf, 0, 1), z as TensorTree) as Z;
    const size = CHAINS * d;
    const points = Array.from({ length: examplesIn("the observation", x) }, () => new Float32Array(kept * size));
    for (let block = 0; block < before + kept; block++) {
      const next = await move(params, many, z, random.fold(chainKey, block));
      tree.dispose(z as TensorTree);
      z = next;
      if (block < before) continue;
      const values = await vectorsOf(z);
      points.forEach((own, i) => own.set(values.subarray(i * size, (i + 1) * size), (block - before) * size));
    }
    tree.dispose([z, many] as TensorTree);
    return { points, like };
  };

  return {
    async logWeights(params, x, key, samples) {
      const [fitKey, drawKey] = random.split<Key>(key) as [Key, Key];
      const found = await pointsOf(params, x, fitKey);
      const count = Math.min(atOnce, samples);
      const runs = annealing(params, x, found, count);
      const logWeights = new Float64Array(found.points.length * samples);
      try {
        for (let from = 0; from < samples; from += count) {
          const own = await runs.logWeights(random.fold(drawKey, from));
          for (let i = 0; i < found.points.length; i++)
            logWeights.set(own.subarray(i * count, i * count + Math.min(count, samples - from)), i * samples + from);
        }
        return logWeights;
      } finally {
        await runs.dispose();
        tree.dispose(found.like as TensorTree);
      }
    },
    async dispose() {
      await Promise.all([begin.dispose(), repeat.dispose()]);
    },
  };
}
