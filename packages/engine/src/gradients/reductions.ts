/** Gradient rules of reductions and of cumulative products. */
import * as tf from "@tensorflow/tfjs-core";
import { register } from "./rule.js";

/**
 * Each entry's gradient is the product of all other entries: those before it times those after it.
 */
function registerProduct(): void {
  register("Prod", ["x"], (dy, [x], attrs) => ({
    x: () => {
      const { shape } = x!;
      const axes = axesOf(shape, attrs);
      const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
      const order = [...kept, ...axes];
      const moved = tf.transpose(x!, order);
      const keptShape = kept.map((i) => shape[i]!);
      const rows = tf.reshape(moved, [...keptShape, tf.util.sizeFromShape(axes.map((i) => shape[i]!))]);
      const last = keptShape.length;
      const others = tf.mul(tf.cumprod(rows, last, true), tf.cumprod(rows, last, true, true));
      const scaled = tf.reshape(tf.mul(tf.reshape(dy, [...keptShape, 1]), others), moved.shape);
      return tf.transpose(scaled, tf.backend_util.getUndoAxesPermutation(order));
    },
  }));
}

/** All entries that equal the extreme share its gradient evenly, as in PyTorch's amax and amin. */
function registerExtreme(kernelName: string, axisAttribute: string): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attrs) => ({
      x: () => {
        const axes = tf.util.parseAxisParam((attrs[axisAttribute] ?? undefined) as number[], x!.shape);
        const kept = x!.shape.map((size, i) => (axes.includes(i) ? 1 : size));
        const isExtreme = tf.cast(tf.equal(x!, tf.reshape(y!, kept)), "float32");
        return tf.mul(tf.reshape(dy as tf.Tensor, kept), tf.div(isExtreme, tf.sum(isExtreme, axes, true)));
      },
    }),
  });
}

/** The axes that a reduction sums over. */
const axesOf = (shape: number[], { axis }: Record<string, unknown>): number[] =>
  tf.util.parseAxisParam((axis ?? undefined) as number[], shape);

/**
 * The gradient of a sum, repeated for all entries of the sum.
 *
 * The rules of TensorFlow.js multiply by ones of the input's shape, which stay in memory.
 */
function repeated(dy: tf.Tensor, shape: number[], axes: readonly number[]): tf.Tensor {
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return tf.broadcastTo(tf.reshape(dy, kept), shape);
}

function registerSums(): void {
  register("Sum", ["x"], (dy, [x], attrs) => ({ x: () => repeated(dy, x!.shape, axesOf(x!.shape, attrs)) }));
  register("Mean", ["x"], (dy, [x], attrs) => ({
    x: () => {
      const axes = axesOf(x!.shape, attrs);
      const count = tf.util.sizeFromShape(axes.map((i) => x!.shape[i]!));
      return repeated(tf.div(dy, count), x!.shape, axes);
    },
  }));
}

export function registerReductionRules(): void {
  registerSums();
  registerProduct();
  registerExtreme("Max", "reductionIndices");
  registerExtreme("Min", "axis");
}
