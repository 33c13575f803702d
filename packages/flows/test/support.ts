/** Helpers shared by the tests of bijectors. */
import * as tf from "@tensorflow/tfjs-core";
import { grad } from "@ergodic/engine";
import { random, trainedPart, tree, withTrained, type Key, type TensorTree } from "@ergodic/tensor";

/** Perturbed parameters, so that no law holds only because parameters start at zero. */
export function shaken<P extends TensorTree>(params: P, key: Key, sd = 0.2): P {
  let i = 0;
  const moved = (leaf: tf.Tensor): tf.Tensor => tf.add(leaf, random.normal(random.fold(key, i++), leaf.shape, { sd }));
  return withTrained(params, tree.map(moved, trainedPart(params) as TensorTree) as P);
}

/** log|det| of the Jacobian of a map of one example `[1, ...]`, built row by row. */
export function logDetByJacobian(map: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): number {
  const size = map(x).size;
  const rows = Array.from({ length: size }, (_, i) => {
    const row = grad((at: tf.Tensor) => tf.gather(tf.reshape(map(at), [-1]), tf.scalar(i, "int32")) as tf.Scalar)(x);
    return [...row.dataSync()];
  });
  let logDet = 0;
  for (let k = 0; k < size; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < size; i += 1) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    logDet += Math.log(Math.abs(rows[k]![k]!));
    for (let i = k + 1; i < size; i += 1) {
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j < size; j += 1) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return logDet;
}

/** The largest difference of two tensors. */
export const distance = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
