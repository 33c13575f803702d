/** A normal law in place of a model's prior: what a prior has to beat. */
import * as tf from "@tensorflow/tfjs-core";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Dataset, LatentSpace } from "@ergodic/training";
import { fittedNormal } from "../fitted-normal.js";

/** Examples whose latents the law is fitted to, and examples in one call. */
const [examples, atOnce] = [2_000, 200];

/**
 * Samples of the normal law with the mean and the covariance of inferred latents of data, decoded.
 *
 * Undefined for latents that are not one vector for each example, and models that infer none.
 *
 * @param data what the model has learned from
 */
export async function fittedSampler<S>(
  space: LatentSpace<S, unknown> | undefined,
  state: S,
  data: Dataset<unknown>,
  key: Key,
): Promise<((key: Key, n: number) => Promise<TensorTree>) | undefined> {
  if (space?.infer === undefined) return undefined;
  const [orderKey, chainKey] = random.split<Key>(key, 2) as [Key, Key];
  const batches = data.batches({ batchSize: Math.min(atOnce, data.size), key: orderKey });
  const points: number[] = [];
  let d = 0;
  for (let i = 0; i < Math.min(batches.perEpoch, Math.ceil(examples / atOnce)); i++) {
    const batch = batches.at(i) as TensorTree;
    const z = await space.infer(state, batch, random.fold(chainKey, i));
    const vector = z instanceof tf.Tensor && z.rank === 2 ? z : undefined;
    if (vector !== undefined) points.push(...(await vector.data()));
    d = vector?.shape[1] ?? 0;
    tree.dispose([batch, z]);
    if (vector === undefined) return undefined;
  }
  const law = fittedNormal(Float32Array.from(points), d);
  return async (drawKey, n) => {
    const z = tf.tensor2d(law.draw(drawKey, n), [n, d]);
    try {
      return await space.decode(state, z);
    } finally {
      z.dispose();
    }
  };
}
