/** Kernels that slide windows over images and volumes, and their gradients; resizing; normalisation over channels. */
import { convolution3dOf, convolutionOf, depthwiseOf, pool3dOf, poolOf } from "../geometry.js";
import { each, input, sameAs, statedBy, type ShapeRule, type ShapeRules } from "./rule.js";

const resize: ShapeRule = (inputs, attrs) => {
  const { shape, dtype } = input(inputs, "images");
  const [height, width] = attrs["size"] as [number, number];
  return { shape: [shape[0]!, height, width, shape[3]!], dtype };
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
    const { outShape } = convolution3dOf(input(inputs, "x").shape, input(inputs, "filter").shape, attrs);
    return { shape: outShape, dtype: "float32" };
  },
  ...each("Conv2DBackpropInput DepthwiseConv2dNativeBackpropInput Conv3DBackpropInputV2", statedBy("inputShape")),
  ...each("Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter Conv3DBackpropFilterV2", statedBy("filterShape")),

  ...each("AvgPool MaxPool", (inputs, attrs) => {
    const { shape, dtype } = input(inputs, "x");
    return { shape: poolOf(shape, attrs).outShape, dtype };
  }),
  MaxPoolWithArgmax: (inputs, attrs) => {
    const { shape, dtype } = input(inputs, "x");
    const { outShape } = poolOf(shape, attrs);
    return [
      { shape: outShape, dtype },
      { shape: outShape, dtype: "int32" },
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

  ...each("FusedBatchNorm LRN LRNGrad", sameAs("x")),
};
