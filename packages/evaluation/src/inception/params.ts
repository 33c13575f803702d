/** From the published arrays to the parameters of the network. */
import { fail } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { StoredTensor } from "../weights/stored-tensor.js";
import { convolutions, CLASSES, EPSILON, FEATURES, type Convolution } from "./layers.js";
import type { FoldedConvolution, InceptionParams } from "./network.js";

/** Arrays by name, as weights files hold them. */
export type NamedTensors = ReadonlyMap<string, StoredTensor>;

/**
 * Parameters from a state dictionary: convolutions `NAME.conv.weight` `[out, in, height, width]`, their normalisations
 * `NAME.bn.{weight, bias, running_mean, running_var}` and `fc.weight` `[1008, 2048]`. Other entries are not read.
 *
 * Folded in float64: `scale = weight / sqrt(running_var + 0.001)`, `bias = bn.bias - running_mean scale`.
 *
 * @throws ValidationError naming the array that is missing, has another shape, or holds numbers that are not finite
 */
export function inceptionParams(tensors: NamedTensors): InceptionParams {
  return {
    convolutions: Object.fromEntries(convolutions.map((layer) => [layer.name, folded(tensors, layer)])),
    classifier: tf.tensor2d(arranged(tensors, "fc.weight", [CLASSES, FEATURES], [1, 0]), [FEATURES, CLASSES]),
  };
}

function folded(tensors: NamedTensors, { name, kernel, in: from, out }: Convolution): FoldedConvolution {
  const weight = arranged(tensors, `${name}.conv.weight`, [out, from, ...kernel], [2, 3, 1, 0]);
  const statistic = (field: string) => arranged(tensors, `${name}.bn.${field}`, [out], [0]);
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

/** The array's numbers, row-major after its axes were put in the order `axes`. */
function arranged(
  tensors: NamedTensors,
  name: string,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined)
    fail(`the weights have no ${name}`, "the arrays of the FID Inception network", "use the published file");
  if (tensor.shape.join() !== shape.join())
    fail(
      `${name} has shape [${tensor.shape.join(",")}]`,
      `[${shape.join(",")}]`,
      "these are weights of another network; FID needs the published ones",
    );
  const out = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const sizes = axes.map((axis) => shape[axis]!);
  const strides = axes.map((axis) => tensor.strides[axis]!);
  const index = sizes.map(() => 0);
  let from = tensor.offset;
  for (let at = 0; at < out.length; at++) {
    const value = tensor.values[from]!;
    if (!Number.isFinite(value)) fail(`${name} holds ${value}`, "finite numbers", "get the file again");
    out[at] = value;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      from -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
