/**
 * The geometry of sliding windows per axis, as TensorFlow.js computes it from shapes, strides,
 * paddings and dilations.
 */
import { backend_util as backend } from "@tensorflow/tfjs-core";
import { TraceError } from "../errors.js";
import type { KernelAttrs } from "./shape-rules/rule.js";

type Pair = number | [number, number];
type Triple = number | [number, number, number];
type Shape4D = [number, number, number, number];
type Shape5D = [number, number, number, number, number];
type Rounding = "floor" | "round" | "ceil" | undefined;
type Pad2D = "same" | "valid" | number | [[number, number], [number, number], [number, number], [number, number]];

type Geometry2D = ReturnType<typeof backend.computeConv2DInfo>;
type Geometry3D = ReturnType<typeof backend.computeConv3DInfo>;

function geometry2D(
  image: readonly number[],
  filter: readonly number[],
  attrs: KernelAttrs,
  depthwise: boolean,
): Geometry2D {
  const format = (attrs["dataFormat"] ?? "NHWC") as "NHWC" | "NCHW";
  return fitting(
    backend.computeConv2DInfo(
      image as Shape4D,
      filter as Shape4D,
      attrs["strides"] as Pair,
      (attrs["dilations"] ?? 1) as Pair,
      attrs["pad"] as Pad2D,
      attrs["dimRoundingMode"] as Rounding,
      depthwise,
      backend.convertConv2DDataFormat(format),
    ),
  );
}

/** The geometry of a 2-D convolution of an NHWC image with an HWIO filter. */
export const convolutionOf = (image: readonly number[], filter: readonly number[], attrs: KernelAttrs): Geometry2D =>
  geometry2D(image, filter, attrs, false);

/**
 * The geometry of a depthwise convolution: NHWC images, filters [height, width, channels,
 * multiplier].
 */
export function depthwiseOf(image: readonly number[], filter: readonly number[], attrs: KernelAttrs): Geometry2D {
  assertChannelsLast(attrs, "a depthwise convolution");
  return geometry2D(image, filter, attrs, true);
}

/** The geometry of a 3-D convolution: NDHWC volumes, filters [depth, height, width, in, out]. */
export function convolution3dOf(volume: readonly number[], filter: readonly number[], attrs: KernelAttrs): Geometry3D {
  return backend.computeConv3DInfo(
    volume as Shape5D,
    filter as Shape5D,
    attrs["strides"] as Triple,
    (attrs["dilations"] ?? 1) as Triple,
    attrs["pad"] as "same" | "valid",
  );
}

/** The geometry of pooling NHWC images. */
export function poolOf(image: readonly number[], attrs: KernelAttrs): Geometry2D {
  return fitting(
    backend.computePool2DInfo(
      image as Shape4D,
      attrs["filterSize"] as Pair,
      attrs["strides"] as Pair,
      1,
      attrs["pad"] as Pad2D,
      attrs["dimRoundingMode"] as Rounding,
    ),
  );
}

/** The geometry of pooling NDHWC volumes. */
export function pool3dOf(volume: readonly number[], attrs: KernelAttrs): Geometry3D {
  return backend.computePool3DInfo(
    volume as Shape5D,
    attrs["filterSize"] as Triple,
    attrs["strides"] as Triple,
    1,
    attrs["pad"] as "same" | "valid" | number,
    attrs["dimRoundingMode"] as Rounding,
  );
}

/**
 * Requires channels last.
 *
 * @throws TraceError for channels first, which the plain backend of TensorFlow.js would treat as
 *   channels last here.
 */
export function assertChannelsLast(attrs: KernelAttrs, what: string): void {
  if (attrs["dataFormat"] !== "NCHW") return;
  throw new TraceError(`${what} got images with channels first; expected channels last. Use the data format "NHWC".`);
}

/**
 * Sets the paddings at the ends to the reach of the windows. Output sizes that are rounded up make
 * windows reach beyond the requested padding.
 *
 * @throws TraceError for padding by one number if the window or the stride is not square and
 *   TensorFlow.js gets the sizes wrong.
 */
function fitting(geometry: Geometry2D): Geometry2D {
  const [vertical, horizontal] = axesOf(geometry) as [WindowAxis, WindowAxis];
  const { padInfo } = geometry;
  for (const [axis, asked] of [
    [vertical, padInfo.bottom],
    [horizontal, padInfo.right],
  ] as const) {
    if (axis.rest < axis.stride && axis.after - asked < axis.stride) continue;
    throw new TraceError(
      "TensorFlow.js derives both sizes of an image from the height of the window and of the stride when the padding is one number, and " +
        "this window or stride is not square. Give the padding by side: [[0, 0], [top, bottom], [left, right], [0, 0]].",
    );
  }
  return { ...geometry, padInfo: { ...padInfo, bottom: vertical.after, right: horizontal.after } };
}

/** Whether every window holds at least one entry of the image. */
export const lieInside = (axes: readonly WindowAxis[]): boolean =>
  axes.every(({ window, before, after }) => before < window && after < window);

/**
 * The number of image entries in each window, as a share of the window's size. The last axis varies
 * fastest.
 *
 * Division by it gives an average over no entries the value that TensorFlow.js gives it: NaN in
 * images and 0 in volumes.
 */
export function coverageOf(axes: readonly WindowAxis[]): Float32Array {
  const shares = axes.map(({ out, stride, before, size, window }) =>
    Array.from({ length: out }, (_, i) => {
      const start = i * stride - before;
      return Math.max(0, Math.min(size, start + window) - Math.max(0, start)) / window;
    }),
  );
  const whole = shares.reduce((all, axis) => all.flatMap((share) => axis.map((other) => share * other)), [1]);
  return Float32Array.from(whole, (share) => (share === 0 && axes.length === 3 ? 1 : share));
}

/** The positions of windows along one axis. */
export interface WindowAxis {
  /** Entries at the start that no window reaches. */
  readonly skipped: number;
  /** Size of the input after the skipped entries, and size of the output. */
  readonly size: number;
  readonly out: number;
  /** Number of taps of a window. */
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the input, and padding after it up to the reach of the windows. */
  readonly before: number;
  readonly after: number;
  /** Padded entries at the end that no window reaches; fewer than `stride`. */
  readonly rest: number;
}

/**
 * TensorFlow.js pads volumes by a negative number where strides exceed the window. The first
 * entries are then skipped.
 */
function windowAxis(axis: Omit<WindowAxis, "skipped" | "after" | "rest">): WindowAxis {
  const reach = (axis.out - 1) * axis.stride + (axis.window - 1) * axis.dilation + 1;
  const overhang = reach - axis.size - axis.before;
  const skipped = Math.max(0, -axis.before);
  return {
    ...axis,
    skipped,
    size: axis.size - skipped,
    before: Math.max(0, axis.before),
    after: Math.max(0, overhang),
    rest: Math.max(0, -overhang),
  };
}

const verticalAxis = (info: Geometry2D | Geometry3D): WindowAxis =>
  windowAxis({
    size: info.inHeight,
    out: info.outHeight,
    window: info.filterHeight,
    stride: info.strideHeight,
    dilation: info.dilationHeight,
    before: info.padInfo.top,
  });

const horizontalAxis = (info: Geometry2D | Geometry3D): WindowAxis =>
  windowAxis({
    size: info.inWidth,
    out: info.outWidth,
    window: info.filterWidth,
    stride: info.strideWidth,
    dilation: info.dilationWidth,
    before: info.padInfo.left,
  });

/** Height and width. */
export const axesOf = (info: Geometry2D): WindowAxis[] => [verticalAxis(info), horizontalAxis(info)];

/** Depth, height and width. */
export const axes3dOf = (info: Geometry3D): WindowAxis[] => [
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
