/**
 * Masses of Hamiltonian kernels, given by their inverse. The best inverse mass is the covariance of
 * the target.
 *
 * A momentum is p ~ N(0, M), and its velocity is M⁻¹p. The tensors of the inverse mass are part of
 * a kernel's state, so adaptation changes it without recompiling. They hold one mass for all
 * chains, or, with the chains on a first axis more, one mass for each.
 */
import * as tf from "@tensorflow/tfjs-core";
import { cholesky, lowerInverse, type Matrix } from "@ergodic/linear-algebra";
import { assertShape, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { fromMatrix, sizeOfRow, toMatrix } from "./rows.js";

export type MassKind = "identity" | "diagonal" | "dense" | "adapted";

/** A form of mass over positions like X. */
export interface Mass {
  readonly kind: MassKind;
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

/** The numbers of a position that belong to one chain. */
export const dimensionOf = (position: TensorTree): number =>
  tree.leaves(position).reduce((total, leaf) => total + sizeOfRow(leaf), 0);

/** Whether an inverse mass holds one mass for each chain. `shared` is the rank of a common one. */
const isPerChain = (inverse: tf.Tensor, shared: number): boolean => inverse.rank > shared;

/** The inverse masses of rows that belong to these chains. */
export function inverseOfRows(inverse: TensorTree, like: TensorTree, chains: tf.Tensor1D): TensorTree {
  const ofRows = (tensor: tf.Tensor, shared: number): tf.Tensor =>
    isPerChain(tensor, shared) ? tf.gather(tensor, chains) : tensor;
  if (tree.leaves(inverse).length === 0) return inverse;
  if (isDense(inverse)) return tree.map((matrix) => ofRows(matrix, 2), inverse as TensorTree);
  return tree.zip((leaf, variances) => ofRows(variances, leaf.rank - 1), like, inverse);
}

/** Whether these are the tensors of a dense inverse mass. */
export const isDense = (inverse: TensorTree): inverse is DenseInverse =>
  typeof inverse === "object" && "inverseFactor" in inverse && "covariance" in inverse;

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
export type DenseInverse = { readonly covariance: tf.Tensor; readonly inverseFactor: tf.Tensor };

/** @throws ValidationError unless `covariance` is symmetric positive definite. */
export function denseInverse(covariance: Matrix): DenseInverse {
  const inverseFactor = lowerInverse(cholesky("covariance", covariance));
  return { covariance: tf.tensor2d(covariance.map((row) => [...row])), inverseFactor: tf.tensor2d(inverseFactor) };
}

/** Rows times a matrix, or each row times its own. */
function rowsTimes(rows: tf.Tensor2D, matrix: tf.Tensor): tf.Tensor2D {
  if (!isPerChain(matrix, 2)) return tf.matMul(rows, matrix);
  const [n, d] = rows.shape;
  return tf.reshape(tf.matMul(tf.reshape(rows, [n, 1, d]), matrix), [n, d]);
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
      const size = dimensionOf(position);
      if (covariance === undefined) return { covariance: tf.eye(size), inverseFactor: tf.eye(size) };
      const inverse = denseInverse(covariance);
      assertShape("the inverse mass", inverse.covariance, [size, size], "a position has that many numbers");
      return inverse;
    },
    momentum(inverse, key, position) {
      const { inverseFactor } = inverse as DenseInverse;
      return fromMatrix(rowsTimes(toMatrix(random.normalLike(key, position as TensorTree)), inverseFactor), position);
    },
    velocity: (inverse, momentum) =>
      fromMatrix(rowsTimes(toMatrix(momentum), (inverse as DenseInverse).covariance), momentum),
  };
}

/** Positions of at most so many numbers have a dense mass by {@link adaptedMass}. */
const mostDense = 32;

/**
 * The form of mass for positions whose covariance is not known: dense up to 32 numbers, where its
 * products cost little beside an energy and correlations are estimated from few draws, and
 * diagonal above. It starts with ones. `warmUp` leaves correlations out while a window has too few
 * draws for them.
 */
export const adaptedMass = (): Mass => ({
  kind: "adapted",
  init: (position) => formFor(position).init(position),
  momentum: (inverse, key, position) => formFor(position).momentum(inverse, key, position),
  velocity: (inverse, momentum) => formFor(momentum).velocity(inverse, momentum),
});

const formFor = (position: TensorTree): Mass => (dimensionOf(position) <= mostDense ? denseMass() : diagonalMass());
