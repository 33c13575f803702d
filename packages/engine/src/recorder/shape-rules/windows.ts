/**
 * Kernels that slide windows over images and volumes, and their gradients. Also resizing and
 * normalisation per channel.
 */
import { TraceError } from "../../errors.js";
import { axesOf, convolution3dOf, convolutionOf, depthwiseOf, lieInside, pool3dOf, poolOf } from "../geometry.js";
import { areEqual, assertShapes, broadcastsTo, shapeText } from "./checks.js";
import { each, input, sameAs, statedBy, type KernelAttrs, type ShapeRule, type ShapeRules } from "./rule.js";

const resize: ShapeRule = (inputs, attrs) => {
  const { shape, dtype } = input(inputs, "images");
  const [height, width] = attrs["size"] as [number, number];
  return { shape: [shape[0]!, height, width, shape[3]!], dtype };
};

/**
 * The gradient with respect to the image, which transposed convolutions use too. The convolution
 * must map an image of the resulting shape to the shape of `dy`.
 */
const imageGradient =
  (
    geometryOf: (image: readonly number[], filter: readonly number[], attrs: KernelAttrs) => { outShape: number[] },
  ): ShapeRule =>
  (inputs, attrs) => {
    const shape = attrs["inputShape"] as number[];
    const [dy, filter] = [input(inputs, "dy").shape, input(inputs, "filter").shape];
    const { outShape } = geometryOf(shape, filter, attrs);
    const what = `a transposed convolution to the shape ${shapeText(shape)} by a filter of ${shapeText(filter)}`;
    assertShapes(areEqual(outShape, dy), what, [dy], `the shape ${shapeText(outShape)}`);
    return { shape, dtype: "float32" };
  };

/** Moments, scale and offset have one number per channel or shapes that broadcast. */
const batchNorm: ShapeRule = (inputs) => {
  const { shape, dtype } = input(inputs, "x");
  for (const [name, other] of Object.entries(inputs)) {
    assertShapes(broadcastsTo(other.shape, shape), `batchNorm (${name})`, [shape, other.shape], "one number a channel");
  }
  return { shape, dtype };
};

export const windows: ShapeRules = {
  Conv2D: (inputs, attrs) => {
    const { outShape } = convolutionOf(input(inputs, "x").shape, input(inputs, "filter").shape, attrs);
    return { shape: outShape, dtype: "float32" };
  },
  DepthwiseConv2dNative: (inputs, attrs) => {
    const { outShape } = depthwiseOf(input(inputs, "x").shape, input(inputs, "filter").shape, attrs);
    return { shape: outShape, dtype: "float32" };
  },
  Conv3D: (inputs, attrs) => {
    const { shape, dtype } = input(inputs, "x");
    return { shape: convolution3dOf(shape, input(inputs, "filter").shape, attrs).outShape, dtype };
  },
  Conv2DBackpropInput: imageGradient(convolutionOf),
  DepthwiseConv2dNativeBackpropInput: imageGradient(depthwiseOf),
  Conv3DBackpropInputV2: imageGradient(convolution3dOf),
  ...each("Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter Conv3DBackpropFilterV2", statedBy("filterShape")),

  ...each("AvgPool MaxPool", (inputs, attrs) => {
    const { shape, dtype } = input(inputs, "x");
    return { shape: poolOf(shape, attrs).outShape, dtype };
  }),
  MaxPoolWithArgmax: (inputs, attrs) => {
    const { shape, dtype } = input(inputs, "x");
    const geometry = poolOf(shape, attrs);
    if (!lieInside(axesOf(geometry))) {
      throw new TraceError(
        "a window of maxPoolWithArgmax lies in the padding alone, where there is no place to name; expected paddings smaller than the window.",
      );
    }
    return [
      { shape: geometry.outShape, dtype },
      { shape: geometry.outShape, dtype: "int32" },
    ];
  },
  ...each("AvgPool3D MaxPool3D", (inputs, attrs) => ({
    shape: pool3dOf(input(inputs, "x").shape, attrs).outShape,
    dtype: "float32",
  })),
  ...each("AvgPoolGrad MaxPoolGrad AvgPool3DGrad MaxPool3DGrad", sameAs("input", "float32")),

  ResizeNearestNeighbor: resize,
  ResizeBilinear: (inputs, attrs) => ({ ...resize(inputs, attrs), dtype: "float32" }),
  ...each("ResizeNearestNeighborGrad ResizeBilinearGrad", sameAs("images")),

  FusedBatchNorm: batchNorm,
  ...each("LRN LRNGrad", sameAs("x")),
};
