/**
 * Input gradients of convolutions with strides, transposed convolutions above all, of images of few channels.
 *
 * With stride s, entry s b + r of the padded image has taps r, r + s, r + 2s, ... of the filter alone, on windows b, b - 1, b - 2, ...
 * So the entries of one r are a convolution of stride 1 of `dy`, and those of all r one convolution to s² times the channels, whose
 * results are sorted into the image. The library's own operation forms every product of a window and a tap, and adds those up: to 1 to 4
 * channels that takes 1.4 to 2.1 times as long (4x4 windows, stride 2, two cores), to 16 it is as fast.
 */
import { convolutionOf, axesOf, type WindowAxis } from "../recorder/geometry.js";
import type { GraphDefBuilder } from "./builder.js";
import { padded, sliceOf } from "./layout.js";
import type { Call, Lowering } from "./lowering.js";

/** Channels times s² up to which phases are faster. */
const few = 16;

/** Windows of this many taps have the entries of one phase. */
const tapsOf = ({ window, stride }: WindowAxis): number => Math.ceil(window / stride);

/** How many times all phases come in the padded image. */
const periodsOf = ({ before, size, stride }: WindowAxis): number => Math.ceil((before + size) / stride);

function hasFewPhases([rows, columns]: readonly WindowAxis[], channels: number): boolean {
  const { stride } = rows!;
  const isApt = (axis: WindowAxis): boolean =>
    axis.dilation === 1 && axis.skipped === 0 && periodsOf(axis) >= axis.out && axis.stride === stride;
  return stride > 1 && channels * stride ** 2 <= few && isApt(rows!) && isApt(columns!);
}

/** From `[height, width, channels, from]` to the taps of all phases, `[rows, columns, from, s² channels]`, last window first. */
function phasedFilter(builder: GraphDefBuilder, filter: string, shape: readonly number[], axes: readonly WindowAxis[]) {
  const [channels, from] = shape.slice(2) as [number, number];
  const [rows, columns] = axes.map(tapsOf) as [number, number];
  const s = axes[0]!.stride;
  const fill = axes.map((axis) => [0, tapsOf(axis) * s - axis.window] as const);
  const whole = padded(builder, filter, "float32", [...fill, [0, 0], [0, 0]]);
  const split = builder.reshape(whole, "float32", [rows, s, columns, s, channels, from]);
  const turned = builder.op("ReverseV2", [split, builder.ints([0, 2])], { T: "float32", Tidx: "int32" });
  const sorted = builder.transpose(turned, "float32", [0, 2, 5, 1, 3, 4]);
  return builder.reshape(sorted, "float32", [rows, columns, from, s * s * channels]);
}

function inPhases({ builder, name, spec, output }: Call, axes: readonly WindowAxis[]): string {
  const s = axes[0]!.stride;
  const filter = builder.once(`phases:${s}:${name("filter")}`, () =>
    phasedFilter(builder, name("filter"), spec("filter").shape, axes),
  );
  const around = axes.flatMap((axis) => [tapsOf(axis) - 1, periodsOf(axis) - axis.out]);
  const phases = builder.op("Conv2D", [name("dy"), filter], {
    T: "float32",
    strides: [1, 1, 1, 1],
    padding: "EXPLICIT",
    explicit_paddings: [0, 0, ...around, 0, 0],
  });
  const image = builder.op("DepthToSpace", [phases], { T: "float32", block_size: s });
  const begin = [0, ...axes.map(({ before }) => before), 0];
  const isWhole = axes.every((axis) => axis.before === 0 && axis.size === s * periodsOf(axis));
  return isWhole ? image : sliceOf(builder, image, "float32", begin, output.shape);
}

/** The lowering of `Conv2DBackpropInput` where phases are faster, and the given one elsewhere. */
export const phasedOr =
  (otherwise: Lowering): Lowering =>
  (call) => {
    const { spec, attrs, output } = call;
    const axes = axesOf(convolutionOf(output.shape, spec("filter").shape, attrs));
    return hasFewPhases(axes, output.shape.at(-1)!) ? inPhases(call, axes) : otherwise(call);
  };
