/** A picture of an energy in the plane, with samples on it. */
import * as tf from "@tensorflow/tfjs-core";
import { encodePng } from "@ergodic/formats";
import { tree, type Key, type TensorTree } from "@ergodic/tensor";
import { disposeTensors } from "../dispose.js";
import type { Learner, LearnerState } from "../learner.js";
import type { SampleFile } from "./sample-file.js";
import { scatterPicture } from "./scatter-picture.js";

/** Cells of the picture on each side. */
const cells = 96;
/** Energies so many nats above the least have the last colour. */
const deepest = 10;

/** The points `[cells², 2]` of a square around the origin, row by row from the upper left. */
function gridPoints(extent: number): tf.Tensor2D {
  const at = (i: number): number => extent * ((2 * (i + 0.5)) / cells - 1);
  const values = Array.from({ length: cells * cells }, (_, k) => [at(k % cells), -at(Math.floor(k / cells))]);
  return tf.tensor2d(values.flat(), [cells * cells, 2]);
}

/**
 * The batch with the points of a grid in place of its examples, where its only tensor `[n, 2]` has
 * them. Undefined for other batches. Other tensors of examples become zeros.
 */
function gridBatch<Batch>(batch: Batch, extent: number): Batch | undefined {
  const leaves = tree.leaves(batch as TensorTree);
  const planes = leaves.filter((leaf) => leaf instanceof tf.Tensor && leaf.rank === 2 && leaf.shape[1] === 2);
  if (planes.length !== 1) return undefined;
  return tree.map((leaf: tf.Tensor) => {
    if (leaf === planes[0]) return gridPoints(extent);
    return tf.zeros([cells * cells, ...leaf.shape.slice(1)], leaf.dtype);
  }, batch as TensorTree) as Batch;
}

/**
 * The picture of `score(state, batch, key)`, -log p(x) up to a constant, over a square that holds
 * the samples. Dark is likely. Undefined for models whose examples are not points in the plane.
 *
 * @param samples values of the samples, `[n, 2]` row by row
 */
export async function landscapeFile<S extends LearnerState, Batch>(
  { score }: Learner<S, Batch>,
  show: { readonly state: S; readonly batch: Batch; readonly key: Key; readonly samples: ArrayLike<number> },
): Promise<SampleFile | undefined> {
  const { state, batch, key, samples } = show;
  if (score === undefined) return undefined;
  const examples = tree.leaves(batch as TensorTree).find(({ shape }) => shape.length === 2 && shape[1] === 2);
  const reach = [...Array.from(samples), ...((await examples?.data()) ?? [])].map(Math.abs).filter(Number.isFinite);
  const extent = 1.15 * reach.reduce((most, value) => Math.max(most, value), 1e-9);
  const grid = gridBatch(batch, extent);
  if (grid === undefined) return undefined;
  const energies = await score(state, grid, key);
  const values = await energies.data();
  disposeTensors([grid, energies] as TensorTree, [state]);
  const least = Array.from(values).reduce((low, value) => (value < low ? value : low), Infinity);
  const shade = (k: number): number => Math.min(1, Math.max(0, (values[k]! - least) / deepest));
  const points = { values: samples, shape: [samples.length / 2, 2] };
  return { extension: "png", content: await encodePng(scatterPicture([points], { extent, cells, shade })) };
}
