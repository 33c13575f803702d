/** `ergodic train toy/neural-transport-moons` */
import * as tf from "@tensorflow/tfjs-core";
import { neuralTransportToy } from "../../preset-parts/neural-transport-toy.js";
import { planeSets } from "../../preset-parts/plane-sets.js";

/**
 * Distance of points to the half circle of radius 2 around a centre that opens downwards (up = 1)
 * or upwards (up = -1).
 */
function distanceTo([x, y]: readonly [number, number], up: 1 | -1, points: tf.Tensor): tf.Tensor {
  const [px, py] = tf.unstack(points, 1) as [tf.Tensor, tf.Tensor];
  const across = tf.abs(tf.sub(px, x));
  const along = tf.mul(up, tf.sub(py, y));
  const length = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.sqrt(tf.add(tf.square(a), tf.square(b)));
  const toArc = tf.abs(tf.sub(length(across, along), 2));
  return tf.where(tf.greater(along, 0), toArc, length(tf.sub(across, 2), along));
}

/** The index of the nearer moon. */
const moon = (points: tf.Tensor): tf.Tensor =>
  tf.cast(tf.less(distanceTo([1, 0.8], -1, points), distanceTo([-1, -0.2], 1, points)), "float32");

export default neuralTransportToy({
  name: "toy/neural-transport-moons",
  description: "two moons, flow tilted by an energy (arXiv 2006.06897)",
  points: planeSets.moons,
  mode: moon,
});
