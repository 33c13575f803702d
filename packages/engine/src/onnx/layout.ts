/** Kernels that move numbers without changing them: reshape, slice, concatenate, pad, blocks. */
import { backend_util as backend, util } from "@tensorflow/tfjs-core";
import type { OnnxBuilder } from "./builder.js";
import { normalizeAxes, type Call, type Lowering, type LoweringTable } from "./lowering.js";
import { stridedSliceOf } from "../recorder/shape-rules/layout.js";

const INT64_MIN = -(2 ** 53 - 1);

const toOutputShape: Lowering = ({ builder, inputs, output }) => builder.reshape(inputs[0]!, output.shape);

const slice: Lowering = ({ builder, inputs, specs, attrs, output }) => {
  const rank = specs[0]!.shape.length;
  if (rank === 0) return builder.op("Identity", [inputs[0]!]);
  const given = [attrs["begin"] as number | number[]].flat();
  const begin = Array.from({ length: rank }, (_, i) => given[i] ?? 0);
  const end = begin.map((start, i) => start + output.shape[i]!);
  return builder.op("Slice", [
    inputs[0]!,
    builder.ints(begin),
    builder.ints(end),
    builder.ints(begin.map((_, i) => i)),
  ]);
};

const stridedSlice: Lowering = ({ builder, inputs, specs, attrs, output }) => {
  const { begin, end, strides } = stridedSliceOf(specs[0]!.shape, attrs);
  // TensorFlow.js encodes the start of the axis as the end -1 of a backward slice. ONNX would count
  // -1 from the end.
  const ends = end.map((stop, i) => (strides[i]! < 0 && stop < 0 ? INT64_MIN : stop));
  const axes = begin.map((_, i) => i);
  const sliced = builder.op("Slice", [inputs[0]!, ...[begin, ends, axes, strides].map((list) => builder.ints(list))]);
  return builder.reshape(sliced, output.shape);
};

const reversed = (builder: OnnxBuilder, x: string, axes: readonly number[]): string => {
  if (axes.length === 0) return x;
  const fill = (value: number): string => builder.ints(axes.map(() => value));
  return builder.op("Slice", [x, fill(-1), fill(INT64_MIN), builder.ints(axes), fill(-1)]);
};

const pack: Lowering = ({ builder, inputs, specs, attrs }) => {
  const rank = specs[0]!.shape.length;
  const axis = normalizeAxes(attrs["axis"], rank + 1)[0]!;
  return builder.op(
    "Concat",
    inputs.map((x) => builder.op("Unsqueeze", [x, builder.ints([axis])])),
    { axis },
  );
};

const splitInto = ({ builder, inputs, specs, node }: Call, axis: number, sizes: readonly number[]): string[] => {
  const along = normalizeAxes(axis, specs[0]!.shape.length)[0]!;
  return builder.many("Split", [inputs[0]!, builder.ints(sizes)], node.outputs.length, { axis: along });
};

const unpack: Lowering = (call) => {
  const parts = splitInto(
    call,
    call.attrs["axis"] as number,
    call.node.outputs.map(() => 1),
  );
  return parts.map((part) => call.builder.reshape(part, call.output.shape));
};

const split: Lowering = (call) => {
  const axis = normalizeAxes(call.attrs["axis"], call.specs[0]!.shape.length)[0]!;
  return splitInto(
    call,
    axis,
    call.node.outputs.map((value) => value.shape[axis]!),
  );
};

const pad: Lowering = ({ builder, inputs, specs, attrs }) => {
  const paddings = attrs["paddings"] as [number, number][];
  if (paddings.length === 0) return builder.op("Identity", [inputs[0]!]);
  const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  return builder.op("Pad", [
    inputs[0]!,
    builder.ints(pads),
    builder.scalar((attrs["constantValue"] ?? 0) as number, specs[0]!.dtype),
  ]);
};

/**
 * The entry of an axis of `size` entries at each place of the padded axis, whose margins mirror its
 * ends. `reflect` does not repeat the end itself.
 */
export function mirrored(size: number, [before, after]: readonly [number, number], mode: unknown): number[] {
  const turn = mode === "reflect" ? 0 : 1;
  return Array.from({ length: before + size + after }, (_, i) => {
    const at = i - before;
    return at < 0 ? -at - turn : at >= size ? 2 * (size - 1) - at + turn : at;
  });
}

const mirrorPad: Lowering = ({ builder, inputs, specs, attrs }) =>
  (attrs["paddings"] as [number, number][]).reduce((x, margins, axis) => {
    if (margins.every((margin) => margin === 0)) return x;
    const order = mirrored(specs[0]!.shape[axis]!, margins, attrs["mode"]);
    return builder.op("Gather", [x, builder.ints(order)], { axis });
  }, inputs[0]!);

/** A vector with n zeros after each entry, read in rows of n, is the diagonal matrix. */
const diagonal: Lowering = ({ builder, inputs, specs, output }) => {
  const n = util.sizeFromShape([...specs[0]!.shape]);
  const rows = builder.op("Pad", [builder.reshape(inputs[0]!, [n, 1]), builder.ints([0, 0, 0, n])]);
  const flat = builder.op("Slice", [
    builder.reshape(rows, [n * (n + 1)]),
    ...[0, n * n, 0].map((one) => builder.ints([one])),
  ]);
  return builder.reshape(flat, output.shape);
};

const depthToSpace: Lowering = ({ builder, inputs, specs, attrs, output }) => {
  const [batch, height, width] = specs[0]!.shape as [number, number, number];
  const block = attrs["blockSize"] as number;
  const blocks = builder.reshape(inputs[0]!, [batch, height, width, block, block, output.shape[3]!]);
  return builder.reshape(builder.transpose(blocks, [0, 1, 3, 2, 4, 5]), output.shape);
};

const spaceToBatch: Lowering = ({ builder, inputs, specs, attrs, output }) => {
  const block = attrs["blockShape"] as number[];
  const paddings = attrs["paddings"] as [number, number][];
  const behind = specs[0]!.shape.slice(1 + block.length).map(() => 0);
  const [before, after] = [0, 1].map((end) => [0, ...paddings.map((pad) => pad[end]!), ...behind]);
  const padded = builder.op("Pad", [inputs[0]!, builder.ints([...before!, ...after!])]);
  const whole = specs[0]!.shape.map((size, i) => size + before![i]! + after![i]!);
  const blocks = backend.getReshaped(whole, block, util.sizeFromShape(block), false);
  const perm = backend.getPermuted(blocks.length, block.length, false);
  return builder.reshape(builder.transpose(builder.reshape(padded, blocks), perm), output.shape);
};

const batchToSpace: Lowering = ({ builder, inputs, specs, attrs, output }) => {
  const shape = [...specs[0]!.shape];
  const block = attrs["blockShape"] as number[];
  const blocks = backend.getReshaped(shape, block, util.sizeFromShape(block));
  const perm = backend.getPermuted(blocks.length, block.length);
  const whole = backend.getReshapedPermuted(shape, block, util.sizeFromShape(block));
  const joined = builder.reshape(builder.transpose(builder.reshape(inputs[0]!, blocks), perm), whole);
  const crops = attrs["crops"] as [number, number][];
  const begin = whole.map((_, i) => crops[i - 1]?.[0] ?? 0);
  const end = output.shape.map((size, i) => begin[i]! + size);
  return builder.op("Slice", [joined, builder.ints(begin), builder.ints(end)]);
};

export const layout: LoweringTable = {
  Reshape: toOutputShape,
  ExpandDims: toOutputShape,
  Transpose: ({ builder, inputs, attrs }) => builder.transpose(inputs[0]!, attrs["perm"] as number[]),
  Tile: ({ builder, inputs, attrs }) => builder.op("Tile", [inputs[0]!, builder.ints(attrs["reps"] as number[])]),
  Concat: ({ builder, inputs, specs, attrs }) =>
    builder.op("Concat", inputs, { axis: normalizeAxes(attrs["axis"], specs[0]!.shape.length)[0]! }),
  Pack: pack,
  Unpack: unpack,
  SplitV: split,
  Slice: slice,
  StridedSlice: stridedSlice,
  Reverse: ({ builder, inputs, specs, attrs }) =>
    reversed(builder, inputs[0]!, normalizeAxes(attrs["dims"], specs[0]!.shape.length)),
  FlipLeftRight: ({ builder, inputs }) => reversed(builder, inputs[0]!, [2]),
  PadV2: pad,
  MirrorPad: mirrorPad,
  Diag: diagonal,
  DepthToSpace: depthToSpace,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
};
