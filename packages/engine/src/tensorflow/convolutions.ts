/**
 * Convolutions of images and volumes, depthwise convolutions, and their gradients.
 *
 * TensorFlow's CPU operations lack
 *
 * - dilations in gradients,
 * - paddings other than "same" and "valid" everywhere,
 * - unequal strides of depthwise windows.
 *
 * These cases are computed explicitly: zeros around the image, zeros between the taps of the
 * filter, and a convolution of stride 1 with only some of its results kept.
 */
import {
  axes3dOf,
  axesOf,
  convolution3dOf,
  convolutionOf,
  depthwiseOf,
  type WindowAxis,
} from "../recorder/geometry.js";
import { inFloats } from "./elementwise.js";
import type { Call, Lowering, LoweringTable } from "./lowering.js";
import { phasedOr } from "./phases.js";
import { aroundSpace, cropSpace, paddedSize, padSpace, reachOf, spread, thinned } from "./windows.js";

type Shape = readonly number[];

/**
 * One kind of convolution: its operations, the type of their size lists, and the geometry of
 * windows.
 */
interface Kind {
  readonly forward: string;
  readonly inputGradient: string;
  readonly filterGradient: string;
  readonly types: Record<string, string>;
  readonly axes: (image: Shape, filter: Shape, attrs: Call["attrs"]) => WindowAxis[];
  /**
   * Whether padding "same" means the same in TensorFlow and TensorFlow.js if strides skip entries.
   */
  readonly knowsSame: boolean;
  readonly knowsStrides: (axes: readonly WindowAxis[]) => boolean;
}

const flat: Kind = {
  forward: "Conv2D",
  inputGradient: "Conv2DBackpropInput",
  filterGradient: "Conv2DBackpropFilter",
  types: {},
  axes: (image, filter, attrs) => axesOf(convolutionOf(image, filter, attrs)),
  knowsSame: true,
  knowsStrides: () => true,
};

const depthwise: Kind = {
  forward: "DepthwiseConv2dNative",
  inputGradient: "DepthwiseConv2dNativeBackpropInput",
  filterGradient: "DepthwiseConv2dNativeBackpropFilter",
  types: {},
  axes: (image, filter, attrs) => axesOf(depthwiseOf(image, filter, attrs)),
  knowsSame: true,
  knowsStrides: ([rows, columns]) => rows!.stride === columns!.stride,
};

const volumetric: Kind = {
  forward: "Conv3D",
  inputGradient: "Conv3DBackpropInputV2",
  filterGradient: "Conv3DBackpropFilterV2",
  types: { Tshape: "int32" },
  axes: (image, filter, attrs) => axes3dOf(convolution3dOf(image, filter, attrs)),
  knowsSame: false,
  knowsStrides: () => true,
};

/** The plan that computes a convolution with TensorFlow's operation. */
function plan(kind: Kind, axes: readonly WindowAxis[], attrs: Call["attrs"]) {
  const native = kind.knowsStrides(axes);
  const strides = axes.map(({ stride }) => stride);
  const isSame = attrs["pad"] === "same" && native && kind.knowsSame;
  return {
    isSame,
    attributes: {
      T: "float32",
      strides: aroundSpace(native ? strides : strides.map(() => 1)),
      padding: isSame ? "SAME" : "VALID",
    },
    /** Remaining strides, applied by keeping some of the results. */
    thinning: aroundSpace(native ? strides.map(() => 1) : strides),
    /** Distances between the taps of a filter. */
    gaps: [...axes.map(({ dilation }) => dilation), 1, 1],
    /** Size of the image that the operation reads. */
    sizes: axes.map((axis) => (isSame ? axis.size : paddedSize(axis))),
  };
}
type Plan = ReturnType<typeof plan>;

const filterSize = (axes: readonly WindowAxis[], filter: Shape): number[] => [
  ...axes.map(reachOf),
  ...filter.slice(-2),
];

/** Shape of the results before some of them are dropped. */
const fullSize = (
  axes: readonly WindowAxis[],
  { sizes }: Plan,
  [batch, channels]: readonly [number, number],
): number[] => [batch, ...sizes.map((size, i) => size - reachOf(axes[i]!) + 1), channels];

const ends = (shape: Shape): readonly [number, number] => [shape[0]!, shape.at(-1)!];

const forward =
  (kind: Kind): Lowering =>
  ({ builder, name, spec, attrs, output }) => {
    const filter = spec("filter").shape;
    const axes = kind.axes(spec("x").shape, filter, attrs);
    const planned = plan(kind, axes, attrs);
    const x = planned.isSame ? name("x") : padSpace(builder, name("x"), spec("x"), axes);
    const taps = spread(builder, name("filter"), "float32", filterSize(axes, filter), planned.gaps);
    const y = builder.op(kind.forward, [x, taps], planned.attributes);
    return thinned(builder, y, "float32", fullSize(axes, planned, ends(output.shape)), planned.thinning);
  };

const inputGradient =
  (kind: Kind): Lowering =>
  ({ builder, name, spec, attrs, output }) => {
    const filter = spec("filter").shape;
    const axes = kind.axes(output.shape, filter, attrs);
    const planned = plan(kind, axes, attrs);
    const taps = spread(builder, name("filter"), "float32", filterSize(axes, filter), planned.gaps);
    const full = fullSize(axes, planned, ends(spec("dy").shape));
    const dy = spread(builder, name("dy"), "float32", full, planned.thinning);
    const [batch, channels] = ends(output.shape);
    const sizes = builder.ints([batch, ...planned.sizes, channels]);
    const dx = builder.op(kind.inputGradient, [sizes, taps, dy], { ...planned.attributes, ...kind.types });
    return planned.isSame ? dx : cropSpace(builder, dx, output, axes);
  };

const filterGradient =
  (kind: Kind): Lowering =>
  ({ builder, name, spec, attrs, output }) => {
    const axes = kind.axes(spec("x").shape, output.shape, attrs);
    const planned = plan(kind, axes, attrs);
    const x = planned.isSame ? name("x") : padSpace(builder, name("x"), spec("x"), axes);
    const full = fullSize(axes, planned, ends(spec("dy").shape));
    const dy = spread(builder, name("dy"), "float32", full, planned.thinning);
    const size = filterSize(axes, output.shape);
    // The filter gradient for volumes has no attribute for the type of its sizes.
    const dw = builder.op(kind.filterGradient, [x, builder.ints(size), dy], planned.attributes);
    return thinned(builder, dw, "float32", size, planned.gaps);
  };

const NHWC_TO_NCHW = [0, 3, 1, 2];
const NCHW_TO_NHWC = [0, 2, 3, 1];
const permuted = (shape: Shape, perm: readonly number[]): number[] => perm.map((axis) => shape[axis]!);

/** Runs a convolution of channels-first images on channels-last images. */
const channelsLast =
  (lowering: Lowering, images: readonly string[], resultIsImage: boolean): Lowering =>
  (call) => {
    const { builder, attrs, output } = call;
    if (attrs["dataFormat"] !== "NCHW") return lowering(call);
    const inputShape = attrs["inputShape"] as number[] | undefined;
    const result = lowering({
      ...call,
      attrs: {
        ...attrs,
        dataFormat: "NHWC",
        ...(inputShape && { inputShape: permuted(inputShape, NCHW_TO_NHWC) }),
      },
      name: (input) => {
        const name = call.name(input);
        return images.includes(input) ? builder.transpose(name, "float32", NCHW_TO_NHWC) : name;
      },
      spec: (input) => {
        const spec = call.spec(input);
        return images.includes(input) ? { ...spec, shape: permuted(spec.shape, NCHW_TO_NHWC) } : spec;
      },
      output: resultIsImage ? { ...output, shape: permuted(output.shape, NCHW_TO_NHWC) } : output,
    }) as string;
    return resultIsImage ? builder.transpose(result, "float32", NHWC_TO_NCHW) : result;
  };

export const convolutions: LoweringTable = {
  Conv2D: channelsLast(forward(flat), ["x"], true),
  Conv2DBackpropInput: channelsLast(phasedOr(inputGradient(flat)), ["dy"], true),
  Conv2DBackpropFilter: channelsLast(filterGradient(flat), ["x", "dy"], false),
  DepthwiseConv2dNative: forward(depthwise),
  DepthwiseConv2dNativeBackpropInput: inputGradient(depthwise),
  DepthwiseConv2dNativeBackpropFilter: filterGradient(depthwise),
  Conv3D: inFloats(forward(volumetric)),
  Conv3DBackpropInputV2: inputGradient(volumetric),
  Conv3DBackpropFilterV2: filterGradient(volumetric),
};
