/** The geometry of sliding windows: what TensorFlow.js computes from shapes, strides, paddings and dilations, axis by axis. */
import { backend_util as backend } from "@tensorflow/tfjs-core";
import type { KernelAttrs } from "./shape-rules/rule.js";

type Pair = number | [number, number];
type Triple = number | [number, number, number];
type Shape4D = [number, number, number, number];
type Shape5D = [number, number, number, number, number];
type Rounding = "floor" | "round" | "ceil" | undefined;
type Pad2D = "same" | "valid" | number | [[number, number], [number, number], [number, number], [number, number]];
type Pad3D = "same" | "valid" | number;

/** The geometry TensorFlow.js computes for a 2-D convolution of an NHWC image with an HWIO filter. */
export function convolutionOf(image: readonly number[], filter: readonly number[], attrs: KernelAttrs) {
  const format = (attrs["dataFormat"] ?? "NHWC") as "NHWC" | "NCHW";
  return backend.computeConv2DInfo(
    image as Shape4D,
    filter as Shape4D,
    attrs["strides"] as Pair,
    (attrs["dilations"] ?? 1) as Pair,
    attrs["pad"] as Pad2D,
    attrs["dimRoundingMode"] as Rounding,
    false,
    backend.convertConv2DDataFormat(format),
  );
}

/** The same for a depthwise convolution: NHWC images, filters [height, width, channels, multiplier]. */
export function depthwiseOf(image: readonly number[], filter: readonly number[], attrs: KernelAttrs) {
  return backend.computeConv2DInfo(
    image as Shape4D,
    filter as Shape4D,
    attrs["strides"] as Pair,
    (attrs["dilations"] ?? 1) as Pair,
    attrs["pad"] as Pad2D,
    attrs["dimRoundingMode"] as Rounding,
    true,
  );
}

/** The same for volumes: NDHWC, filters [depth, height, width, in, out]. */
export function convolution3dOf(volume: readonly number[], filter: readonly number[], attrs: KernelAttrs) {
  return backend.computeConv3DInfo(
    volume as Shape5D,
    filter as Shape5D,
    attrs["strides"] as Triple,
    (attrs["dilations"] ?? 1) as Triple,
    attrs["pad"] as Pad3D as "same" | "valid",
  );
}

/** The same for pooling of NHWC images. */
export function poolOf(image: readonly number[], attrs: KernelAttrs) {
  return backend.computePool2DInfo(
    image as Shape4D,
    attrs["filterSize"] as Pair,
    attrs["strides"] as Pair,
    1,
    attrs["pad"] as Pad2D,
    attrs["dimRoundingMode"] as Rounding,
  );
}

/** The same for pooling of NDHWC volumes. */
export function pool3dOf(volume: readonly number[], attrs: KernelAttrs) {
  return backend.computePool3DInfo(
    volume as Shape5D,
    attrs["filterSize"] as Triple,
    attrs["strides"] as Triple,
    1,
    attrs["pad"] as Pad3D,
    attrs["dimRoundingMode"] as Rounding,
  );
}

/** How windows lie along one axis. */
export interface WindowAxis {
  /** Sizes of the input and of the output. */
  readonly size: number;
  readonly out: number;
  /** Taps of a window. */
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the input, and after it as far as windows reach. */
  readonly before: number;
  readonly after: number;
  /** Padded entries at the end that no window reaches; fewer than `stride`. */
  readonly rest: number;
}

function windowAxis(axis: Omit<WindowAxis, "after" | "rest">): WindowAxis {
  const reach = (axis.out - 1) * axis.stride + (axis.window - 1) * axis.dilation + 1;
  const overhang = reach - axis.size - axis.before;
  return { ...axis, after: Math.max(0, overhang), rest: Math.max(0, -overhang) };
}

type Info2D = ReturnType<typeof convolutionOf>;
type Info3D = ReturnType<typeof convolution3dOf>;

const verticalAxis = (info: Info2D | Info3D): WindowAxis =>
  windowAxis({
    size: info.inHeight,
    out: info.outHeight,
    window: info.filterHeight,
    stride: info.strideHeight,
    dilation: info.dilationHeight,
    before: info.padInfo.top,
  });

const horizontalAxis = (info: Info2D | Info3D): WindowAxis =>
  windowAxis({
    size: info.inWidth,
    out: info.outWidth,
    window: info.filterWidth,
    stride: info.strideWidth,
    dilation: info.dilationWidth,
    before: info.padInfo.left,
  });

/** Height and width. */
export const axesOf = (info: Info2D): WindowAxis[] => [verticalAxis(info), horizontalAxis(info)];

/** Depth, height and width. */
export const axes3dOf = (info: Info3D): WindowAxis[] => [
  windowAxis({
    size: info.inDepth,
    out: info.outDepth,
    window: info.filterDepth,
    stride: info.strideDepth,
    dilation: info.dilationDepth,
    before: info.padInfo.front,
  }),
  verticalAxis(info),
  horizontalAxis(info),
];
