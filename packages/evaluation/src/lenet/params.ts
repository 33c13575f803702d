/** Parameters of the classifier from arrays of a file, and back. */
import * as tf from "@tensorflow/tfjs-core";
import { arranged, type NamedTensors } from "../weights/arranged.js";
import { DIGIT_CLASSES, DIGIT_FEATURES, lenetLayerNames, type LenetLayer, type LenetParams } from "./network.js";

const shapes: Readonly<Record<LenetLayer, readonly number[]>> = {
  conv1: [5, 5, 1, 20],
  conv2: [5, 5, 20, 50],
  dense1: [4 * 4 * 50, 120],
  dense2: [120, DIGIT_FEATURES],
  classifier: [DIGIT_FEATURES, DIGIT_CLASSES],
};

const network = "the classifier of digits";

/**
 * Parameters from `LAYER.weight` and `LAYER.bias` of each layer.
 *
 * @throws ValidationError naming the array that is missing, has another shape, or holds numbers
 *   that are not finite
 */
export function lenetParams(tensors: NamedTensors): LenetParams {
  const array = (name: string, shape: readonly number[]) =>
    tf.tensor(arranged(tensors, { name, shape, network }), [...shape]);
  const entries = lenetLayerNames.map((name) => {
    const shape = shapes[name];
    return [name, { weight: array(`${name}.weight`, shape), bias: array(`${name}.bias`, shape.slice(-1)) }] as const;
  });
  return Object.fromEntries(entries) as LenetParams;
}

/**
 * The arrays that {@link lenetParams} reads, by name. The caller keeps ownership of the tensors.
 */
export function lenetArrays(params: LenetParams): { readonly name: string; readonly tensor: tf.Tensor }[] {
  return lenetLayerNames.flatMap((layer) =>
    (["weight", "bias"] as const).map((part) => ({ name: `${layer}.${part}`, tensor: params[layer][part] })),
  );
}
