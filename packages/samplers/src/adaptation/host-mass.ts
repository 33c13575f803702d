/** Inverse masses as numbers on the host, one for each chain, and their tensors in a state. */
import * as tf from "@tensorflow/tfjs-core";
import type { Matrix } from "@ergodic/linear-algebra";
import { tree, type TensorTree } from "@ergodic/tensor";
import { denseInverse, isDense, type DenseInverse } from "../mass.js";
import { fromMatrix, toMatrix } from "../rows.js";
import { regularisedCovariance, regularisedVariances, type Welford } from "./welford.js";

/** Variances `[d]`, a covariance `[d][d]`, or nothing for the identity. */
export type HostInverse = { readonly variances: readonly number[] } | { readonly covariance: Matrix } | undefined;

/** The inverse mass of a state that holds one for all chains. */
export function readInverse(inverse: TensorTree): HostInverse {
  if (tree.leaves(inverse).length === 0) return undefined;
  if (isDense(inverse)) return { covariance: inverse.covariance.arraySync() as number[][] };
  const rows = tf.tidy(() => toMatrix(tree.map((leaf) => tf.expandDims(leaf, 0), inverse)));
  const variances = [...rows.dataSync()];
  rows.dispose();
  return { variances };
}

/** Draws for each dimension from which on correlations are estimated. */
const drawsPerDimension = 5;

/**
 * The inverse mass that draws give, in the form of the one before. Correlations are left out where
 * there are fewer than five draws for each dimension. Without any draw that moved nothing changes.
 */
export function inverseFrom(draws: Welford, before: HostInverse): HostInverse {
  if (before === undefined) return undefined;
  const variances = regularisedVariances(draws);
  if (!variances.every((variance) => variance > 0 && Number.isFinite(variance))) return before;
  if ("variances" in before) return { variances };
  if (draws.count > drawsPerDimension * variances.length)
    return { covariance: regularisedCovariance(draws, before.covariance) };
  return { covariance: variances.map((variance, i) => variances.map((_, j) => (i === j ? variance : 0))) };
}

/**
 * The tensors of inverse masses: one for all chains, or one for each.
 *
 * @param inverses of the chains in their order; where all are one value, a mass for all is made
 * @param position of the chains
 */
export function inverseTensors(inverses: readonly HostInverse[], position: TensorTree): TensorTree {
  const distinct = [...new Set(inverses)];
  const [first] = distinct;
  if (first === undefined) return [];
  const shared = distinct.length === 1;
  if ("covariance" in first) {
    const made = new Map(distinct.map((one) => [one, denseInverse((one as typeof first).covariance)]));
    if (shared) return made.get(first)!;
    const stacked = (name: keyof DenseInverse): tf.Tensor => tf.stack(inverses.map((one) => made.get(one)![name]));
    return tf.tidy(() => ({ covariance: stacked("covariance"), inverseFactor: stacked("inverseFactor") }));
  }
  const rows = (shared ? [first] : inverses).map((one) => [...(one as typeof first).variances]);
  return tf.tidy(() => {
    const made = fromMatrix(tf.tensor2d(rows), position);
    return tree.map((leaf) => (shared ? tf.squeeze(leaf, [0]) : leaf), made) as tf.TensorContainer;
  }) as TensorTree;
}
