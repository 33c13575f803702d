/**
 * Weights and inputs that every peer makes alike, in any language, without a random generator.
 *
 * Entry i of array t is bound (2u - 1) with u = (7919 j² mod p)/p, j = (i + 7919 (t + 1)) mod p, p = 1000003, rounded to float32: whole
 * numbers below 2^53 all the way, hence the same bits everywhere. `peers/common.py` holds the same formula.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

const PRIME = 1_000_003;
const FACTOR = 7919;

/** `size` numbers in [-bound, bound); arrays of different numbers `t` look unrelated. */
export function numbers(t: number, size: number, bound: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    const j = (i + FACTOR * (t + 1)) % PRIME;
    return bound * ((2 * ((FACTOR * j * j) % PRIME)) / PRIME - 1);
  });
}

/** Bound of all weights and biases: a standard deviation of 0.058, with which signals neither vanish nor explode in these cases. */
const WEIGHT_BOUND = 0.1;

/** Arrays of weights are numbers 0, 1, ... in the order of a tree's leaves; inputs come after all of them. */
const FIRST_INPUT = 100;

/** Input number `i` of a case, in [-bound, bound). */
export const fixedInput = (i: number, shape: readonly number[], bound: number): tf.Tensor =>
  tf.tensor(numbers(FIRST_INPUT + i, tf.util.sizeFromShape([...shape]), bound), [...shape]);

/** Weights of the given shapes. */
export const fixedWeights = (shapes: readonly (readonly number[])[]): tf.Tensor[] =>
  shapes.map((shape, t) => tf.tensor(numbers(t, tf.util.sizeFromShape([...shape]), WEIGHT_BOUND), [...shape]));

/** Weights in a tree of the shapes of `like`. */
export function fixedLike<P extends TensorTree>(like: P): P {
  const { leaves, structure } = tree.flatten(like as TensorTree);
  return tree.unflatten(structure, fixedWeights(leaves.map((leaf) => leaf.shape))) as P;
}
