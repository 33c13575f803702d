/**
 * Rules of the gradients of convolutions. A convolution is linear in its input and in its filter, and so are its gradients: each rule
 * is made of the other two of the three.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { register, runKernel } from "./rule.js";

interface Family {
  readonly forward: string;
  readonly input: string;
  readonly filter: string;
}

const FAMILIES: readonly Family[] = [
  { forward: "Conv2D", input: "Conv2DBackpropInput", filter: "Conv2DBackpropFilter" },
  {
    forward: "DepthwiseConv2dNative",
    input: "DepthwiseConv2dNativeBackpropInput",
    filter: "DepthwiseConv2dNativeBackpropFilter",
  },
  { forward: "Conv3D", input: "Conv3DBackpropInputV2", filter: "Conv3DBackpropFilterV2" },
];

export function registerConvolutionRules(): void {
  for (const { forward, input, filter } of FAMILIES) {
    // TensorFlow.js gives dilations to no gradient but that of depthwise convolutions.
    const convolve = (x: tf.Tensor, w: tf.Tensor, attrs: object): tf.Tensor =>
      runKernel(forward, { x, filter: w }, { dilations: 1, ...attrs });
    register<{ inputShape: number[] }>(input, ["dy", "filter"], (ddx, [dy, w], { inputShape: _, ...attrs }) => ({
      dy: () => convolve(ddx, w!, attrs),
      filter: () => runKernel(filter, { x: ddx, dy: dy! }, { ...attrs, filterShape: w!.shape }),
    }));
    register<{ filterShape: number[] }>(filter, ["x", "dy"], (ddw, [x, dy], { filterShape: _, ...attrs }) => ({
      x: () => runKernel(input, { dy: dy!, filter: ddw }, { ...attrs, inputShape: x!.shape }),
      dy: () => convolve(x!, ddw, attrs),
    }));
  }
}
