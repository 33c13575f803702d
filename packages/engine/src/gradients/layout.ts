/** Gradient rules of kernels that move entries, and of cumulative sums and products. */
import * as tf from "@tensorflow/tfjs-core";
import { register } from "./rule.js";

/**
 * Adds the mirrored margins of one axis back to the entries they mirror. `omitted` is 1 when the
 * edge is not repeated.
 */
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

/**
 * x shifted by `by` entries: entry k is entry k + `by` of x, and 0 beyond the end. With `reverse`,
 * entries are counted from the end.
 */
function ahead(x: tf.Tensor, axis: number, by: number, reverse: boolean): tf.Tensor {
  const length = x.shape[axis]! - by;
  if (length <= 0) return tf.zerosLike(x);
  const begin = x.shape.map((_, i) => (i === axis && !reverse ? by : 0));
  const size = x.shape.map((n, i) => (i === axis ? length : n));
  const margin: [number, number] = reverse ? [by, 0] : [0, by];
  const margins = x.shape.map((_, i): [number, number] => (i === axis ? margin : [0, 0]));
  return tf.pad(tf.slice(x, begin, size), margins);
}

/**
 * The gradient of cumulative products y_i = Π_{j ≤ i} x_j, without division by an x that may be 0.
 *
 * It is Π_{j < k} x_j times R_k, where R_k = dy_k + x_{k+1} R_{k+1}. The recursion takes log₂ n
 * steps of doubling length.
 */
function runningProductGradient(dy: tf.Tensor, x: tf.Tensor, attrs: tf.CumprodAttrs): tf.Tensor {
  const { exclusive, reverse } = attrs;
  const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0]!;
  const before = tf.cumprod(x, axis, true, reverse);
  let factor = ahead(x, axis, 1, reverse);
  let rest = exclusive ? ahead(dy, axis, 1, reverse) : dy;
  for (let reach = 1; reach < x.shape[axis]!; reach *= 2) {
    rest = tf.add(rest, tf.mul(factor, ahead(rest, axis, reach, reverse)));
    factor = tf.mul(factor, ahead(factor, axis, reach, reverse));
  }
  return tf.mul(before, rest);
}

/** TensorFlow.js passes the gradient of one result as a tensor, and those of several as a list. */
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
  register<tf.CumprodAttrs>("Cumprod", ["x"], (dy, [x], attrs) => ({ x: () => runningProductGradient(dy, x!, attrs) }));
  register<tf.TileAttrs>("Tile", ["x"], (dy, [x], { reps }) => ({ x: () => sumOverRepeats(dy, x!.shape, reps) }));
  register<tf.MirrorPadAttrs>("MirrorPad", [], (dy, _, { paddings, mode }) => ({
    x: () =>
      paddings.reduce((folded, margins, axis) => foldMargins(folded, axis, margins, mode === "reflect" ? 1 : 0), dy),
  }));
}
