/**
 * Gradient rules of convolutions and of their gradients.
 *
 * A convolution is linear in its input and in its filter, and so are its gradients. Each of these
 * three kernels has a rule made of the other two.
 *
 * TensorFlow.js has no gradients of dilated convolutions. With dilation d, each entry of an axis
 * meets only entries at a distance that is a multiple of d. These phases of the image are moved
 * into the batch and convolved without dilation.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  axes3dOf,
  axesOf,
  convolution3dOf,
  convolutionOf,
  depthwiseOf,
  type WindowAxis,
} from "../recorder/geometry.js";
import { register, runKernel } from "./rule.js";

type Attrs = Record<string, unknown>;
type AxesOf = (image: readonly number[], filter: readonly number[], attrs: Attrs) => WindowAxis[];

interface Family {
  readonly forward: string;
  readonly input: string;
  readonly filter: string;
  readonly axesOf: AxesOf;
}

const FAMILIES: readonly Family[] = [
  {
    forward: "Conv2D",
    input: "Conv2DBackpropInput",
    filter: "Conv2DBackpropFilter",
    axesOf: (...of) => axesOf(convolutionOf(...of)),
  },
  {
    forward: "DepthwiseConv2dNative",
    input: "DepthwiseConv2dNativeBackpropInput",
    filter: "DepthwiseConv2dNativeBackpropFilter",
    axesOf: (...of) => axesOf(depthwiseOf(...of)),
  },
  {
    forward: "Conv3D",
    input: "Conv3DBackpropInputV2",
    filter: "Conv3DBackpropFilterV2",
    axesOf: (...of) => axes3dOf(convolution3dOf(...of)),
  },
];

const isDilated = ({ dilations }: Attrs): boolean => [dilations ?? 1].flat().some((dilation) => dilation !== 1);

/** The two gradients of a convolution without dilation. */
interface Gradients {
  input(dy: tf.Tensor, filter: tf.Tensor, inputShape: number[], attrs: Attrs): tf.Tensor;
  filter(x: tf.Tensor, dy: tf.Tensor, filterShape: number[], attrs: Attrs): tf.Tensor;
}

/** The gradients of a dilated convolution with strides 1, computed by phases. */
function dilatedGradients(
  gradients: Gradients,
  axes: readonly WindowAxis[],
  x: tf.Tensor,
  filter: tf.Tensor,
  dy: tf.Tensor,
  attrs: Attrs,
) {
  // With channels first, the channels are an axis with one phase.
  const leading = attrs["dataFormat"] === "NCHW" ? 1 : 0;
  const phases = [...Array<number>(leading).fill(1), ...axes.map(({ dilation }) => dilation)];
  const margins = (of: (axis: WindowAxis, toWhole: number) => [number, number]): [number, number][] => [
    ...Array.from({ length: leading }, (): [number, number] => [0, 0]),
    ...axes.map((axis) => {
      const reach = axis.size + axis.before + axis.after;
      return of(axis, (axis.dilation - (reach % axis.dilation)) % axis.dilation);
    }),
  ];
  const around = margins(({ before, after }, toWhole) => [before, after + toWhole]);
  const slopes = tf.spaceToBatchND(
    dy,
    phases,
    margins((_, toWhole) => [0, toWhole]),
  );
  const plain = {
    ...attrs,
    strides: axes.map(() => 1),
    pad: "valid",
    dilations: axes.map(() => 1),
    dimRoundingMode: undefined,
  };
  const image = (): tf.Tensor => tf.spaceToBatchND(x, phases, around);
  return {
    x: () => tf.batchToSpaceND(gradients.input(slopes, filter, image().shape, plain), phases, around),
    filter: () => gradients.filter(image(), slopes, filter.shape, plain),
  };
}

export function registerConvolutionRules(): void {
  for (const { forward, input, filter, axesOf: axesFor } of FAMILIES) {
    const gradients: Gradients = {
      input: (dy, w, inputShape, attrs) => runKernel(input, { dy, filter: w }, { ...attrs, inputShape }),
      filter: (x, dy, filterShape, attrs) => runKernel(filter, { x, dy }, { ...attrs, filterShape }),
    };
    // TensorFlow.js passes dilations to the gradient of depthwise convolutions only.
    const convolve = (x: tf.Tensor, w: tf.Tensor, attrs: object): tf.Tensor =>
      runKernel(forward, { x, filter: w }, { dilations: 1, ...attrs });
    register<Attrs>(forward, ["x", "filter"], (dy, [x, w], attrs) =>
      isDilated(attrs)
        ? dilatedGradients(gradients, axesFor(x!.shape, w!.shape, attrs), x!, w!, dy, attrs)
        : {
            x: () => gradients.input(dy, w!, x!.shape, attrs),
            filter: () => gradients.filter(x!, dy, w!.shape, attrs),
          },
    );
    register<{ inputShape: number[] }>(input, ["dy", "filter"], (ddx, [dy, w], { inputShape: _, ...attrs }) => ({
      dy: () => convolve(ddx, w!, attrs),
      filter: () => gradients.filter(ddx, dy!, w!.shape, attrs),
    }));
    register<{ filterShape: number[] }>(filter, ["x", "dy"], (ddw, [x, dy], { filterShape: _, ...attrs }) => ({
      x: () => gradients.input(dy!, ddw, x!.shape, attrs),
      dy: () => convolve(x!, ddw, attrs),
    }));
  }
}
