/** The mean over the workers of a cluster. */
import * as tf from "@tensorflow/tfjs-core";
import { fail, tree, type TensorTree } from "@ergodic/tensor";
import { currentEngine } from "../engines/registry.js";
import { EngineError } from "../errors.js";
import { sizeOf } from "../graph.js";
import { RECORDING_BACKEND } from "../recorder/recording-backend.js";
import { cannotAverage } from "./cluster.js";
import { currentCluster } from "./membership.js";

/** The kernel of `allMean`. */
export const ALL_MEAN = "AllMean";

export interface AllMeanOptions {
  /** Seconds to wait for the other workers before the run fails. Default: those of the cluster. */
  readonly patience?: number;
}

/**
 * The mean over the workers of a cluster, (1/n) Σ_k x_k of each tensor x, the same bits on every
 * worker. For a process alone it is the identity.
 *
 * A pure function inside `compile`. Every worker must run the same programs in the same order. All
 * tensors travel as one buffer, by one CollectiveReduce operation of TensorFlow. It has no gradient.
 *
 * @throws ValidationError for tensors that are not float32.
 * @throws EngineError in a cluster, on an engine other than `tensorflow` or outside `compile`.
 */
export function allMean<T extends TensorTree>(values: T, { patience }: AllMeanOptions = {}): T {
  const cluster = currentCluster();
  const workers = cluster?.workers.length ?? 1;
  if (cluster === undefined || workers === 1) return values;
  const engine = currentEngine()!.name;
  if (engine !== "tensorflow") throw cannotAverage(engine, workers);
  if (tf.getBackend() !== RECORDING_BACKEND)
    throw new EngineError("allMean averages over workers inside compiled functions only; call it inside compile(fn).");
  const { leaves, structure } = tree.flatten(values as TensorTree);
  if (leaves.length === 0) return values;
  const other = leaves.find(({ dtype }) => dtype !== "float32");
  if (other !== undefined) fail(`allMean was given ${other.dtype}`, "float32", "cast it with tf.cast");
  const flat = leaves.map((leaf) => tf.reshape(leaf, [-1]));
  const x = flat.length === 1 ? flat[0]! : tf.concat1d(flat as tf.Tensor1D[]);
  const mean: tf.Tensor = tf
    .engine()
    .runKernel(ALL_MEAN, { x }, { workers, patience: patience ?? cluster.patience ?? Infinity });
  const sizes = leaves.map(({ shape }) => sizeOf(shape));
  const parts = sizes.length === 1 ? [mean] : tf.split(mean, sizes);
  return tree.unflatten(
    structure,
    parts.map((part, i) => tf.reshape(part, leaves[i]!.shape)),
  ) as T;
}
