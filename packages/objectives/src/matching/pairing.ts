/** Pairs of two sets of equally many points by exact optimal transport. */
import { assignment, rowProducts, type DenseMatrix } from "@ergodic/linear-algebra";
import * as tf from "@tensorflow/tfjs-core";

/** The rows of a tensor, flattened, in float64. */
async function rowsOf(points: tf.Tensor): Promise<DenseMatrix> {
  const rows = points.shape[0]!;
  return { rows, columns: points.size / rows, values: Float64Array.from(await points.data()) };
}

/**
 * The points of `origins` in the order for which the sum of squared distances to the points of `x`,
 * both `[n, ...]`, is the least. It runs on the host.
 *
 * Squared norms are the same for all orders, so the costs are negative inner products.
 */
export async function transportPaired(origins: tf.Tensor, x: tf.Tensor): Promise<tf.Tensor> {
  const products = rowProducts(await rowsOf(x), await rowsOf(origins));
  const order = assignment({ ...products, values: products.values.map((value) => -value) });
  return tf.tidy(() => tf.gather(origins, tf.tensor1d(order, "int32")));
}
