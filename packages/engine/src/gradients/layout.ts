/** Rules of kernels that move entries, and of running sums. */
import * as tf from "@tensorflow/tfjs-core";
import { register } from "./rule.js";

/** Folds what lies in the mirrored margins of one axis back onto what it mirrors. `omitted` is 1 when the edge is not repeated. */
function foldMargins(dy: tf.Tensor, axis: number, [before, after]: [number, number], omitted: number): tf.Tensor {
  const size = dy.shape[axis]! - before - after;
  const along = (begin: number, length: number): tf.Tensor => {
    const start = dy.shape.map((_, i) => (i === axis ? begin : 0));
    return tf.slice(
      dy,
      start,
      dy.shape.map((n, i) => (i === axis ? length : n)),
    );
  };
  const placed = (margin: tf.Tensor, at: number): tf.Tensor => {
    const length = margin.shape[axis]!;
    const paddings = dy.shape.map((_, i): [number, number] => (i === axis ? [at, size - at - length] : [0, 0]));
    return tf.pad(tf.reverse(margin, axis), paddings);
  };
  let folded = along(before, size);
  if (before > 0) folded = tf.add(folded, placed(along(0, before), omitted));
  if (after > 0) folded = tf.add(folded, placed(along(before + size, after), size - after - omitted));
  return folded;
}

/** Splits each repeated axis in two and sums over the repeats. */
function sumOverRepeats(dy: tf.Tensor, shape: readonly number[], reps: readonly number[]): tf.Tensor {
  const split = shape.flatMap((size, i) => (reps[i] === 1 ? [size] : [reps[i]!, size]));
  const axes: number[] = [];
  let axis = 0;
  for (const times of reps) {
    if (times !== 1) axes.push(axis++);
    axis++;
  }
  return axes.length === 0 ? dy : tf.sum(tf.reshape(dy, split), axes);
}

/** TensorFlow.js passes the gradient of a single result as it is, and those of several as a list. */
const listOf = (dys: tf.Tensor | tf.Tensor[]): tf.Tensor[] => [dys].flat();

export function registerLayoutRules(): void {
  tf.registerGradient({
    kernelName: "Unpack",
    gradFunc: (dys, _, attrs) => ({ value: () => tf.stack(listOf(dys), attrs["axis"] as number) }),
  });
  tf.registerGradient({
    kernelName: "SplitV",
    gradFunc: (dys, _, attrs) => ({ x: () => tf.concat(listOf(dys), attrs["axis"] as number) }),
  });
  register<tf.CumsumAttrs>("Cumsum", [], (dy, _, { axis, exclusive, reverse }) => ({
    x: () => tf.cumsum(dy, axis, exclusive, !reverse),
  }));
  register<tf.TileAttrs>("Tile", ["x"], (dy, [x], { reps }) => ({ x: () => sumOverRepeats(dy, x!.shape, reps) }));
  register<tf.MirrorPadAttrs>("MirrorPad", [], (dy, _, { paddings, mode }) => ({
    x: () =>
      paddings.reduce((folded, margins, axis) => foldMargins(folded, axis, margins, mode === "reflect" ? 1 : 0), dy),
  }));
}
