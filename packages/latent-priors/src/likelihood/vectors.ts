/** Latents as rows of numbers, layer after layer, and examples several times over. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

/** The numbers of latents, `[n, d]` row-major. */
export async function vectorsOf(z: TensorTree): Promise<Float32Array> {
  const rows = tf.tidy(() =>
    tf.concat(
      tree.leaves(z).map((leaf) => tf.reshape(leaf, [leaf.shape[0]!, -1])),
      1,
    ),
  );
  const values = await rows.data<"float32">();
  rows.dispose();
  return values;
}

/** Latents of the layers of `like`, from rows `[n, d]`. */
export function latentsFrom<Z extends TensorTree>(rows: tf.Tensor2D, like: Z): Z {
  let from = 0;
  return tree.map((leaf) => {
    const [, ...shape] = leaf.shape;
    const size = shape.reduce((product, side) => product * side, 1);
    const layer = tf.slice(rows, [0, from], [rows.shape[0], size]);
    from += size;
    return tf.reshape(layer, [rows.shape[0], ...shape]);
  }, like as TensorTree) as Z;
}

/** Each example `times` times in a row: `[n, ...]` to `[n · times, ...]` in each leaf. */
export const repeated = <X extends TensorTree>(x: X, times: number): X =>
  tree.map((leaf) => {
    const [n = 0, ...shape] = leaf.shape;
    return tf.reshape(tf.tile(tf.reshape(leaf, [n, 1, -1]), [1, times, 1]), [n * times, ...shape]);
  }, x as TensorTree) as X;
