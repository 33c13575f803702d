/**
 * Masses of Hamiltonian kernels, given by their inverse. The best inverse mass is the covariance of
 * the target.
 *
 * A momentum is p ~ N(0, M), and its velocity is M⁻¹p. The tensors of the inverse mass are part of
 * a kernel's state, one mass for all chains, so adaptation changes it without recompiling.
 */
import * as tf from "@tensorflow/tfjs-core";
import { cholesky, lowerInverse, type Matrix } from "@ergodic/linear-algebra";
import { assertShape, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { fromMatrix, sizeOfRow, toMatrix } from "./rows.js";

/** A form of mass over positions like X. */
export interface Mass {
  readonly kind: "identity" | "diagonal" | "dense";
  /**
   * The tensors of the inverse mass to start with.
   *
   * @throws ValidationError when a given one does not fit the position.
   */
  init(position: TensorTree): TensorTree;
  /** p ~ N(0, M), a tree like the position. */
  momentum<X extends TensorTree>(inverse: TensorTree, key: Key, position: X): X;
  /** M⁻¹p. */
  velocity<X extends TensorTree>(inverse: TensorTree, momentum: X): X;
}

/** M = I. Nothing to adapt. */
export const identityMass = (): Mass => ({
  kind: "identity",
  init: () => [],
  momentum: (_, key, position) => random.normalLike(key, position),
  velocity: (_, momentum) => momentum,
});

/**
 * A diagonal M⁻¹: one number for each number of a position.
 *
 * @param variances a tree like the position without the chain axis. Default: ones.
 */
export const diagonalMass = (variances?: TensorTree): Mass => ({
  kind: "diagonal",
  init(position) {
    if (variances === undefined) return tree.map((leaf) => tf.ones(leaf.shape.slice(1)), position);
    return tree.zip(
      (leaf, given) => {
        assertShape("the inverse mass", given, leaf.shape.slice(1), "one variance for each number of a position");
        return tf.clone(given);
      },
      position,
      variances,
    );
  },
  momentum: <X extends TensorTree>(inverse: TensorTree, key: Key, position: X) =>
    tree.zip(
      (xi, variance) => tf.div(xi, tf.sqrt(variance)),
      random.normalLike(key, position as TensorTree),
      inverse,
    ) as X,
  velocity: <X extends TensorTree>(inverse: TensorTree, momentum: X) =>
    tree.zip((p, variance) => tf.mul(p, variance), momentum as TensorTree, inverse) as X,
});

/**
 * The tensors of a dense inverse mass: the covariance Σ and the inverse of its Cholesky factor,
 * both `[d, d]`.
 */
export type DenseInverse = { readonly covariance: tf.Tensor2D; readonly inverseFactor: tf.Tensor2D };

/** @throws ValidationError unless `covariance` is symmetric positive definite. */
export function denseInverse(covariance: Matrix): DenseInverse {
  const inverseFactor = lowerInverse(cholesky("covariance", covariance));
  return { covariance: tf.tensor2d(covariance.map((row) => [...row])), inverseFactor: tf.tensor2d(inverseFactor) };
}

/**
 * A dense M⁻¹ = Σ over the position's leaves side by side (names sorted, row-major). With Σ = LLᵀ,
 * momenta are p = L⁻ᵀξ.
 *
 * @param covariance `[d][d]`. Default: the identity.
 * @throws ValidationError unless `covariance` is symmetric positive definite.
 */
export function denseMass(covariance?: Matrix): Mass {
  if (covariance !== undefined) cholesky("covariance", covariance); // checks it before any chain starts
  return {
    kind: "dense",
    init(position) {
      const size = tree.leaves(position).reduce((total, leaf) => total + sizeOfRow(leaf), 0);
      if (covariance === undefined) return { covariance: tf.eye(size), inverseFactor: tf.eye(size) };
      const inverse = denseInverse(covariance);
      assertShape("the inverse mass", inverse.covariance, [size, size], "a position has that many numbers");
      return inverse;
    },
    momentum(inverse, key, position) {
      const { inverseFactor } = inverse as DenseInverse;
      return fromMatrix(tf.matMul(toMatrix(random.normalLike(key, position as TensorTree)), inverseFactor), position);
    },
    velocity: (inverse, momentum) =>
      fromMatrix(tf.matMul(toMatrix(momentum), (inverse as DenseInverse).covariance), momentum),
  };
}
