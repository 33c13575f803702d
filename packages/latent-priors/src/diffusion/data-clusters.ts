/** The clusters of all data under the parameters of a state. */
import { random, tree, type DataSource, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { clustered, type Clusters, type ClusteringSettings } from "./clustering.js";

/** Examples of one call. */
const CHUNK = 500;

export interface ClusterRules<I extends TensorTree, X extends TensorTree, Batch> {
  readonly data: DataSource<Batch>;
  readonly settings: ClusteringSettings;
  observe(batch: Batch): X;
  /** Posterior means, `[batch, d]`. */
  means(inference: I, x: X): Promise<tf.Tensor>;
  /** The symbols of examples by clusters, int32 `[batch]`. */
  assigned(clusters: Clusters<I>, x: X): Promise<tf.Tensor>;
}

/** Clusters that give every example the symbol 0, before the first clustering. */
export const noClusters = <I extends TensorTree>(
  inference: I,
  { dimension, symbols, components }: ClusteringSettings,
): Clusters<I> => ({
  inference: tree.clone(inference),
  mean: tf.zeros([dimension]),
  whitening: tf.zeros([dimension, components]),
  centroids: tf.zeros([symbols, components]),
});

/** Clusters all data, in a fixed order. The numbers of `before` are kept where they fit. */
export function dataClusters<I extends TensorTree, X extends TensorTree, Batch>(rules: ClusterRules<I, X, Batch>) {
  const { data, settings, observe, means, assigned } = rules;
  const { dimension, symbols, components } = settings;
  return async (inference: I, before: Clusters<I>): Promise<Clusters<I>> => {
    const dataset = await data.load();
    const batches = dataset.batches({ batchSize: Math.min(CHUNK, dataset.size), key: random.key("clusters") });
    const rows = new Float32Array(dataset.size * dimension);
    const labels: number[] = [];
    for (let i = 0; i < batches.perEpoch; i++) {
      const batch = batches.at(i);
      const x = observe(batch);
      const [found, old] = [await means(inference, x), await assigned(before, x)];
      rows.set(await found.data<"float32">(), labels.length * dimension);
      labels.push(...(await old.data<"int32">()));
      tree.dispose([found, old, batch as TensorTree]);
    }
    // Batches of full size may leave out the last examples.
    const host = clustered(rows.subarray(0, labels.length * dimension), labels, settings);
    return {
      inference: tree.clone(inference),
      mean: tf.tensor1d(Float32Array.from(host.mean)),
      whitening: tf.tensor2d(Float32Array.from(host.whitening), [dimension, components]),
      centroids: tf.tensor2d(Float32Array.from(host.centroids), [symbols, components]),
    };
  };
}
