/** `ergodic train toy/neural-transport-gaussians` */
import * as tf from "@tensorflow/tfjs-core";
import { neuralTransportToy } from "../../preset-parts/neural-transport-toy.js";
import { planeSets } from "../../preset-parts/plane-sets.js";

const count = 8;

/** The index of the nearest mean, given by the nearest direction. */
const direction = (points: tf.Tensor): tf.Tensor => {
  const [x, y] = tf.unstack(points, 1) as [tf.Tensor, tf.Tensor];
  return tf.mod(tf.round(tf.mul(count / (2 * Math.PI), tf.atan2(y, x))), count);
};

export default neuralTransportToy({
  name: "toy/neural-transport-gaussians",
  description: "eight Gaussians on a circle, flow tilted by an energy (arXiv 2006.06897)",
  points: planeSets.gaussians,
  mode: direction,
});
