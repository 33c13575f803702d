/** Kernels that move numbers without changing them: reshape, slice, concatenate, pad, blocks. */
import { util } from "@tensorflow/tfjs-core";
import type { DType } from "../graph.js";
import type { GraphDefBuilder } from "./builder.js";
import { direct, throughIntegers, type Call, type Lowering, type LoweringTable } from "./lowering.js";

export type Paddings = readonly (readonly [before: number, after: number])[];

const axisOf = (axis: unknown, rank: number): number => ((axis as number) + rank) % rank;

const toOutputShape: Lowering = ({ builder, inputs, output }) =>
  builder.reshape(inputs[0]!, output.dtype, output.shape);

/** A block of the tensor. */
export const sliceOf = (
  builder: GraphDefBuilder,
  x: string,
  dtype: DType,
  begin: readonly number[],
  size: readonly number[],
): string => builder.op("Slice", [x, builder.ints(begin), builder.ints(size)], { T: dtype, Index: "int32" });

const slice: Lowering = ({ builder, inputs, attrs, output }) => {
  const given = [attrs["begin"] as number | number[]].flat();
  const begin = output.shape.map((_, i) => given[i] ?? 0);
  return sliceOf(builder, inputs[0]!, output.dtype, begin, output.shape);
};

const MASKS = {
  begin_mask: "beginMask",
  end_mask: "endMask",
  ellipsis_mask: "ellipsisMask",
  new_axis_mask: "newAxisMask",
  shrink_axis_mask: "shrinkAxisMask",
};

const stridedSlice: Lowering = ({ builder, inputs, attrs, output }) => {
  const [begin, end, strides] = ["begin", "end", "strides"].map((list) => builder.ints(attrs[list] as number[]));
  const masks = Object.entries(MASKS).map(([name, attribute]) => [name, (attrs[attribute] ?? 0) as number]);
  return builder.op("StridedSlice", [inputs[0]!, begin!, end!, strides!], {
    T: output.dtype,
    Index: "int32",
    ...Object.fromEntries(masks),
  });
};

/** The tensor with `value` around it. Nothing is added if all paddings are 0. */
export function padded(builder: GraphDefBuilder, x: string, dtype: DType, paddings: Paddings, value = 0): string {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const table = builder.constant({ shape: [paddings.length, 2], dtype: "int32" }, Int32Array.from(paddings.flat()));
  return builder.op("PadV2", [x, table, builder.scalar(value, dtype)], { T: dtype, Tpaddings: "int32" });
}

const mirrorPad: Lowering = ({ builder, inputs, attrs, output }) => {
  const paddings = attrs["paddings"] as Paddings;
  const table = builder.constant({ shape: [paddings.length, 2], dtype: "int32" }, Int32Array.from(paddings.flat()));
  const mode = (attrs["mode"] as string).toUpperCase();
  return builder.op("MirrorPad", [inputs[0]!, table], { T: output.dtype, Tpaddings: "int32", mode });
};

const concat: Lowering = ({ builder, inputs, attrs, output }) => {
  const axis = builder.scalar(axisOf(attrs["axis"], output.shape.length), "int32");
  return builder.op("ConcatV2", [...inputs, axis], { N: inputs.length, T: output.dtype, Tidx: "int32" });
};

const split: Lowering = ({ builder, node, inputs, specs, attrs, output }) => {
  const axis = axisOf(attrs["axis"], output.shape.length);
  const sizes = node.outputs.map(({ shape }) => shape[axis]!);
  return builder.many("SplitV", [inputs[0]!, builder.ints(sizes), builder.scalar(axis, "int32")], sizes.length, {
    T: specs[0]!.dtype,
    Tlen: "int32",
    num_split: sizes.length,
  });
};

const reversed = ({ builder, inputs, output }: Call, axes: readonly number[]): string =>
  builder.op("ReverseV2", [inputs[0]!, builder.ints(axes)], { T: output.dtype, Tidx: "int32" });

const withBlocks =
  (op: string, list: "paddings" | "crops"): Lowering =>
  ({ builder, inputs, attrs, output }) => {
    const ends = attrs[list] as Paddings;
    const table = builder.constant({ shape: [ends.length, 2], dtype: "int32" }, Int32Array.from(ends.flat()));
    const block = builder.ints(attrs["blockShape"] as number[]);
    const types = { T: output.dtype, Tblock_shape: "int32", [`T${list}`]: "int32" };
    return builder.op(op, [inputs[0]!, block, table], types);
  };

export const layout: LoweringTable = {
  Reshape: toOutputShape,
  ExpandDims: toOutputShape,
  Transpose: ({ builder, inputs, attrs, output }) =>
    builder.transpose(inputs[0]!, output.dtype, attrs["perm"] as number[]),
  Tile: ({ builder, inputs, attrs, output }) =>
    builder.op("Tile", [inputs[0]!, builder.ints(attrs["reps"] as number[])], {
      T: output.dtype,
      Tmultiples: "int32",
    }),
  Concat: concat,
  Pack: ({ builder, inputs, attrs, output }) =>
    builder.op("Pack", inputs, { N: inputs.length, T: output.dtype, axis: attrs["axis"] as number }),
  Unpack: ({ builder, node, inputs, attrs, output }) =>
    builder.many("Unpack", inputs, node.outputs.length, {
      num: node.outputs.length,
      T: output.dtype,
      axis: attrs["axis"] as number,
    }),
  SplitV: split,
  Slice: slice,
  StridedSlice: stridedSlice,
  Reverse: (call) => reversed(call, util.parseAxisParam(call.attrs["dims"] as number[], [...call.output.shape])),
  FlipLeftRight: (call) => reversed(call, [2]),
  PadV2: ({ builder, inputs, attrs, output }) =>
    padded(builder, inputs[0]!, output.dtype, attrs["paddings"] as Paddings, (attrs["constantValue"] ?? 0) as number),
  MirrorPad: mirrorPad,
  Diag: throughIntegers(direct("Diag")),
  DepthToSpace: ({ builder, inputs, attrs, output }) =>
    builder.op("DepthToSpace", inputs, { T: output.dtype, block_size: attrs["blockSize"] as number }),
  SpaceToBatchND: withBlocks("SpaceToBatchND", "paddings"),
  BatchToSpaceND: withBlocks("BatchToSpaceND", "crops"),
};
