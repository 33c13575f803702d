/**
 * Refuses calls that would write outside their result.
 *
 * With numeric padding, TensorFlow.js computes both sides of the result from the window's height
 * and vertical stride. Where the width differs, kernels written in C write beyond the result.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../errors.js";
import { replaceKernel } from "./replace-kernel.js";

type Sides = readonly [height: number, width: number];

const pair = (value: unknown): Sides => (typeof value === "number" ? [value, value] : (value as Sides));

const windows: Readonly<Record<string, (inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap) => Sides>> = {
  ...Object.fromEntries(
    ["Conv2D", "FusedConv2D", "Conv2DBackpropInput", "DepthwiseConv2dNative", "FusedDepthwiseConv2D"].map((kernel) => [
      kernel,
      (inputs) => inputs["filter"]!.shape.slice(0, 2) as [number, number],
    ]),
  ),
  ...Object.fromEntries(
    ["AvgPool", "AvgPoolGrad", "MaxPool", "MaxPoolGrad"].map((kernel) => [
      kernel,
      (_, attrs) => pair(attrs["filterSize"]),
    ]),
  ),
};

/** Makes the backend refuse numeric padding if windows or strides are not square. */
export function refuseUnevenWindows(backend: string): void {
  for (const [kernelName, windowOf] of Object.entries(windows)) {
    replaceKernel(kernelName, backend, (own) => (params) => {
      const attrs = params.attrs ?? {};
      const sides = [windowOf(params.inputs, attrs), pair(attrs["strides"])];
      if (typeof attrs["pad"] === "number" && sides.some(([height, width]) => height !== width)) {
        throw new EngineError(
          `${kernelName} on ${backend} with padding ${attrs["pad"]}, a window of ${sides[0]!.join("x")} and strides of ${sides[1]!.join("x")}: ` +
            'TensorFlow.js gets its size wrong. Pad first (tf.pad) and use "valid".',
        );
      }
      return own(params);
    });
  }
}
