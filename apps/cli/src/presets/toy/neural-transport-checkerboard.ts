/** `ergodic train toy/neural-transport-checkerboard` */
import * as tf from "@tensorflow/tfjs-core";
import { neuralTransportToy } from "../../preset-parts/neural-transport-toy.js";
import { planeSets } from "../../preset-parts/plane-sets.js";

/** The index of the square of side 2 in [-4, 4]², row by row. */
const square = (points: tf.Tensor): tf.Tensor => {
  const place = tf.clipByValue(tf.floor(tf.div(tf.add(points, 4), 2)), 0, 3);
  return tf.sum(tf.mul(place, tf.tensor1d([1, 4])), 1);
};

export default neuralTransportToy({
  name: "toy/neural-transport-checkerboard",
  description: "a checkerboard, flow tilted by an energy (arXiv 2006.06897)",
  points: planeSets.checkerboard,
  mode: square,
});
