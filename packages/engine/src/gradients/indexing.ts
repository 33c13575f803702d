/**
 * Gradient rule of gather: rows of dy are added to the rows they came from, for each entry of the
 * batch axes separately.
 */
import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../graph.js";
import { register } from "./rule.js";

export function registerIndexingRules(): void {
  register("GatherV2", ["x", "indices"], (dy, [x, indices], attrs) => {
    const { shape } = x!;
    const axis = tf.util.parseAxisParam(attrs["axis"] as number, shape)[0]!;
    const batchDims = (attrs["batchDims"] ?? 0) as number;
    const rows = shape[axis]!;
    const groups = sizeOf(shape.slice(0, batchDims));
    const before = sizeOf(shape.slice(batchDims, axis));
    const after = sizeOf(shape.slice(axis + 1));
    const picked = sizeOf(indices!.shape) / groups;
    return {
      x: () => {
        const rowFirst = tf.transpose(tf.reshape(dy, [groups, before, picked, after]), [0, 2, 1, 3]);
        const firstRow = tf.reshape(tf.range(0, groups * rows, rows, "int32"), [groups, 1]);
        const ids = tf.add(tf.reshape(indices!, [groups, picked]), firstRow);
        const sums = tf.unsortedSegmentSum(
          tf.reshape(rowFirst, [groups * picked, before * after]),
          tf.reshape(ids, [-1]) as tf.Tensor1D,
          groups * rows,
        );
        return tf.reshape(tf.transpose(tf.reshape(sums, [groups, rows, before, after]), [0, 2, 1, 3]), shape);
      },
      indices: () => tf.zerosLike(indices!),
    };
  });
}
