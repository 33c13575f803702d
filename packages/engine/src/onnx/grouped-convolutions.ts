/**
 * Depthwise convolutions of images, convolutions of volumes, and the gradients of both.
 *
 * The gradient of the filter is itself a convolution, over images n and positions p. It swaps batch
 * and channels, and strides and dilations:
 *
 *   dW[k, i, o] = Σ x[n, p stride + k dilation, i] dy[n, p, o]
 */
import { axes3dOf, axesOf, convolution3dOf, depthwiseOf, type WindowAxis } from "../recorder/geometry.js";
import type { KernelAttrs } from "../recorder/shape-rules/rule.js";
import type { OnnxBuilder } from "./builder.js";
import type { Lowering, LoweringTable } from "./lowering.js";
import { throughFloats } from "./types.js";
import {
  channelsFirst,
  channelsLast,
  dilationsOf,
  outputPaddingOf,
  windowAttributes,
  withoutSkipped,
  withSkipped,
} from "./windows.js";

type Shape = readonly number[];

/** The layout of filters and groups for one kind of convolution. */
interface Kind {
  readonly rank: number;
  readonly axes: (image: Shape, filter: Shape, attrs: KernelAttrs) => WindowAxis[];
  /** Number of channel groups that do not mix. */
  readonly groups: (filter: Shape) => number;
  /** The filter in ONNX's layout: [out, in / groups, ...window]. */
  readonly filter: (builder: OnnxBuilder, filter: string, shape: Shape) => string;
  /**
   * Converts the result of the filter's gradient, [1 or in, out, ...window], to the filter's shape.
   */
  readonly filterFromGradient: (builder: OnnxBuilder, gradient: string, shape: Shape) => string;
}

const depthwise: Kind = {
  rank: 4,
  axes: (image, filter, attrs) => axesOf(depthwiseOf(image, filter, attrs)),
  groups: (filter) => filter[2]!,
  filter: (builder, filter, [height, width, channels, multiplier]) =>
    builder.reshape(builder.transpose(filter, [2, 3, 0, 1]), [channels! * multiplier!, 1, height!, width!]),
  filterFromGradient: (builder, gradient, [height, width, channels, multiplier]) =>
    builder.transpose(builder.reshape(gradient, [channels!, multiplier!, height!, width!]), [2, 3, 0, 1]),
};

const volumetric: Kind = {
  rank: 5,
  axes: (image, filter, attrs) => axes3dOf(convolution3dOf(image, filter, attrs)),
  groups: () => 1,
  filter: (builder, filter) => builder.transpose(filter, [4, 3, 0, 1, 2]),
  filterFromGradient: (builder, gradient) => builder.transpose(gradient, [2, 3, 4, 0, 1]),
};

const convolution =
  (kind: Kind): Lowering =>
  ({ builder, name, spec, attrs }) => {
    const filter = spec("filter").shape;
    const axes = kind.axes(spec("x").shape, filter, attrs);
    const y = builder.op(
      "Conv",
      [
        withoutSkipped(builder, channelsFirst(builder, name("x"), kind.rank), axes),
        kind.filter(builder, name("filter"), filter),
      ],
      { ...windowAttributes(axes), ...dilationsOf(axes), group: kind.groups(filter) },
    );
    return channelsLast(builder, y, kind.rank);
  };

const inputGradient =
  (kind: Kind): Lowering =>
  ({ builder, name, spec, attrs, output }) => {
    const filter = spec("filter").shape;
    const axes = kind.axes(output.shape, filter, attrs);
    const dx = builder.op(
      "ConvTranspose",
      [channelsFirst(builder, name("dy"), kind.rank), kind.filter(builder, name("filter"), filter)],
      { ...windowAttributes(axes), ...dilationsOf(axes), ...outputPaddingOf(axes), group: kind.groups(filter) },
    );
    return channelsLast(builder, withSkipped(builder, dx, axes), kind.rank);
  };

const filterGradient =
  (kind: Kind): Lowering =>
  ({ builder, name, spec, attrs, output }) => {
    const image = spec("x").shape;
    const axes = kind.axes(image, output.shape, attrs);
    const group = kind.groups(output.shape);
    const swapped = [kind.rank - 1, ...Array.from({ length: kind.rank - 1 }, (_, axis) => axis)];
    const space = axes.map(({ skipped, size }) => skipped + size);
    // [in, batch, ...space]. With groups, the channels of all groups are in one row.
    const grouped = builder.reshape(builder.transpose(name("x"), swapped), [
      image.at(-1)! / group,
      image[0]! * group,
      ...space,
    ]);
    const x = withoutSkipped(builder, grouped, axes);
    const gradient = builder.op("Conv", [x, builder.transpose(name("dy"), swapped)], {
      pads: windowAttributes(axes).pads,
      strides: axes.map(({ dilation }) => dilation),
      dilations: axes.map(({ stride }) => stride),
      group,
    });
    const ends = axes.map(({ window }) => window);
    const spatial = axes.map((_, i) => i + 2);
    const cropped = builder.op("Slice", [
      gradient,
      ...[ends.map(() => 0), ends, spatial].map((list) => builder.ints(list)),
    ]);
    return kind.filterFromGradient(builder, axes.some(({ rest }) => rest > 0) ? cropped : gradient, output.shape);
  };

export const groupedConvolutions: LoweringTable = {
  DepthwiseConv2dNative: convolution(depthwise),
  DepthwiseConv2dNativeBackpropInput: inputGradient(depthwise),
  DepthwiseConv2dNativeBackpropFilter: filterGradient(depthwise),
  Conv3D: throughFloats(convolution(volumetric)),
  Conv3DBackpropInputV2: inputGradient(volumetric),
  Conv3DBackpropFilterV2: filterGradient(volumetric),
};
