/** Diagonals of second derivatives, estimated without the matrices. */
import * as tf from "@tensorflow/tfjs-core";
import { grad } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { innerPerChain } from "../rows.js";

/**
 * An unbiased estimate of ∂g_i/∂x_i, a tree like the position: s ⊙ ∂⟨g, s⟩/∂x with random signs s.
 * Exact where g_i depends on x_i alone.
 *
 * Bekas, Kokiopoulou and Saad, "An estimator for the diagonal of a matrix" (2007).
 */
export function diagonalCurvature<X extends TensorTree>(gradientAt: (position: X) => X, position: X, key: Key): X {
  const signs = tree.map((xi) => tf.sign(xi), random.normalLike(key, position as TensorTree));
  const product = grad((x: X) => tf.sum(innerPerChain(gradientAt(x), signs)))(position);
  return tree.zip((s, column) => tf.mul(s, column), signs, product as TensorTree) as X;
}
