/**
 * Weights and inputs by a formula that gives the same bits in any language, without a random
 * generator.
 *
 * Entry i of array t is bound (2u - 1) with u = (7919 j² mod p)/p, j = (i + 7919 (t + 1)) mod p, p
 * = 1000003, rounded to float32. All intermediate integers are below 2^53, so they are exact.
 * `peers/common.py` holds the same formula.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

const PRIME = 1_000_003;
const FACTOR = 7919;

/** `size` numbers in [-bound, bound). Arrays with different numbers `t` look unrelated. */
export function numbers(t: number, size: number, bound: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    const j = (i + FACTOR * (t + 1)) % PRIME;
    return bound * ((2 * ((FACTOR * j * j) % PRIME)) / PRIME - 1);
  });
}

/**
 * Bound of all weights and biases. The standard deviation is 0.058: signals neither vanish nor
 * explode in these cases.
 */
const WEIGHT_BOUND = 0.1;

/**
 * Number of the first input. Arrays of weights have the numbers 0, 1, ... in the order of tree
 * leaves.
 */
const FIRST_INPUT = 100;

/** Input `i` of a case, in [-bound, bound). */
export const fixedInput = (i: number, shape: readonly number[], bound: number): tf.Tensor =>
  tf.tensor(numbers(FIRST_INPUT + i, tf.util.sizeFromShape([...shape]), bound), [...shape]);

/** Fixed weights of the given shapes. */
export const fixedWeights = (shapes: readonly (readonly number[])[]): tf.Tensor[] =>
  shapes.map((shape, t) => tf.tensor(numbers(t, tf.util.sizeFromShape([...shape]), WEIGHT_BOUND), [...shape]));

/** Fixed weights in a tree with the shapes of `like`. */
export function fixedLike<P extends TensorTree>(like: P): P {
  const { leaves, structure } = tree.flatten(like as TensorTree);
  return tree.unflatten(structure, fixedWeights(leaves.map((leaf) => leaf.shape))) as P;
}
