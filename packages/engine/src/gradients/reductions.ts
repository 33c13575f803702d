/** The rule of products: each entry's gradient is the product of all the others, those before it times those after it. */
import * as tf from "@tensorflow/tfjs-core";
import { register } from "./rule.js";

export function registerReductionRules(): void {
  register("Prod", ["x"], (dy, [x], attrs) => ({
    x: () => {
      const { shape } = x!;
      const axes = tf.util.parseAxisParam((attrs["axis"] ?? undefined) as number[], shape);
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
