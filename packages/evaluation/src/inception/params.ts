/** Parameters of the network from the published arrays. */
import * as tf from "@tensorflow/tfjs-core";
import { arranged, type NamedTensors } from "../weights/arranged.js";
import { convolutions, CLASSES, EPSILON, FEATURES, type Convolution } from "./layers.js";
import type { FoldedConvolution, InceptionParams } from "./network.js";

const network = "the FID Inception network";

/**
 * Parameters from a state dictionary, folded in float64.
 *
 * - Convolutions are `NAME.conv.weight` `[out, in, height, width]`.
 * - Normalisations are `NAME.bn.{weight, bias, running_mean, running_var}`.
 * - The classifier is `fc.weight` `[1008, 2048]`. Other entries are not read.
 * - Folding is `scale = weight / sqrt(running_var + 0.001)`, `bias = bn.bias - running_mean scale`.
 *
 * @throws ValidationError naming the array that is missing, has another shape, or holds numbers
 *   that are not finite
 */
export function inceptionParams(tensors: NamedTensors): InceptionParams {
  return {
    convolutions: Object.fromEntries(convolutions.map((layer) => [layer.name, folded(tensors, layer)])),
    classifier: tf.tensor2d(
      arranged(tensors, { name: "fc.weight", shape: [CLASSES, FEATURES], axes: [1, 0], network }),
      [FEATURES, CLASSES],
    ),
  };
}

function folded(tensors: NamedTensors, { name, kernel, in: from, out }: Convolution): FoldedConvolution {
  const array = { name: `${name}.conv.weight`, shape: [out, from, ...kernel], axes: [2, 3, 1, 0], network };
  const weight = arranged(tensors, array);
  const statistic = (field: string) => arranged(tensors, { name: `${name}.bn.${field}`, shape: [out], network });
  const [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(statistic) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const scale = Float64Array.from(gamma, (factor, c) => factor / Math.sqrt(variance[c]! + EPSILON));
  return {
    weight: tf.tensor4d(
      weight.map((value, at) => value * scale[at % out]!),
      [...kernel, from, out],
    ),
    bias: tf.tensor1d(Float32Array.from(beta, (shift, c) => shift - mean[c]! * scale[c]!)),
  };
}
