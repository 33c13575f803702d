/** Reshapes, slices, joins, gathers: kernels that move numbers without changing them. */
import { ONNX_TYPE } from "./builder.js";
import { normalizeAxes, type Call, type Lowering, type LoweringTable } from "./lowering.js";
import { stridedSliceOf } from "../recorder/shape-rules.js";

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
  // TensorFlow.js writes "to the very start" of a backward slice as -1, which ONNX would count from the end.
  const ends = end.map((stop, i) => (strides[i]! < 0 && stop < 0 ? INT64_MIN : stop));
  const axes = begin.map((_, i) => i);
  const sliced = builder.op("Slice", [inputs[0]!, ...[begin, ends, axes, strides].map((list) => builder.ints(list))]);
  return builder.reshape(sliced, output.shape);
};

const reverse: Lowering = ({ builder, inputs, specs, attrs }) => {
  const rank = specs[0]!.shape.length;
  if (rank === 0) return builder.op("Identity", [inputs[0]!]);
  const axes = normalizeAxes(attrs["dims"], rank);
  const fill = (value: number): string => builder.ints(axes.map(() => value));
  return builder.op("Slice", [inputs[0]!, fill(-1), fill(INT64_MIN), builder.ints(axes), fill(-1)]);
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

/** Gather along an axis; with leading batch axes the axes below are flattened away first. */
const gather: Lowering = ({ builder, name, spec, attrs, output }) => {
  const batchDims = (attrs["batchDims"] ?? 0) as number;
  const axis = normalizeAxes(attrs["axis"], spec("x").shape.length)[0]!;
  if (batchDims === 0) return builder.op("Gather", [name("x"), name("indices")], { axis });
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const { shape } = spec("x");
  const groups = size(shape.slice(0, batchDims));
  const before = shape.slice(batchDims, axis);
  const after = size(shape.slice(axis + 1));
  const picked = size(spec("indices").shape.slice(batchDims));
  const full = [groups, size(before), picked, after];
  const x = builder.reshape(name("x"), [groups, size(before), shape[axis]!, after]);
  const indices = builder.op("Expand", [builder.reshape(name("indices"), [groups, 1, picked, 1]), builder.ints(full)]);
  return builder.reshape(builder.op("GatherElements", [x, indices], { axis: 2 }), output.shape);
};

const oneHot: Lowering = ({ builder, inputs, attrs, output }) => {
  const values = builder.constant(
    { shape: [2], dtype: "float32" },
    Float32Array.of((attrs["offValue"] ?? 0) as number, (attrs["onValue"] ?? 1) as number),
  );
  const depth = attrs["depth"] as number;
  // ONNX counts a negative index from the end where TensorFlow.js leaves the row empty: such indices go past the end.
  const low = builder.op("Less", [inputs[0]!, builder.scalar(0, "int32")]);
  const indices = builder.op("Where", [low, builder.scalar(depth, "int32"), inputs[0]!]);
  const hot = builder.op(
    "OneHot",
    [builder.op("Cast", [indices], { to: ONNX_TYPE.int64 }), builder.ints([depth]), values],
    { axis: -1 },
  );
  return output.dtype === "float32" ? hot : builder.op("Cast", [hot], { to: ONNX_TYPE[output.dtype] });
};

export const layout: LoweringTable = {
  Reshape: toOutputShape,
  ExpandDims: toOutputShape,
  Transpose: ({ builder, inputs, attrs }) => builder.op("Transpose", [inputs[0]!], { perm: attrs["perm"] as number[] }),
  Tile: ({ builder, inputs, attrs }) => builder.op("Tile", [inputs[0]!, builder.ints(attrs["reps"] as number[])]),
  BroadcastTo: ({ builder, inputs, output }) => builder.op("Expand", [inputs[0]!, builder.ints(output.shape)]),
  Concat: ({ builder, inputs, specs, attrs }) =>
    builder.op("Concat", inputs, { axis: normalizeAxes(attrs["axis"], specs[0]!.shape.length)[0]! }),
  Pack: pack,
  Unpack: unpack,
  SplitV: split,
  Slice: slice,
  StridedSlice: stridedSlice,
  Reverse: reverse,
  PadV2: pad,
  GatherV2: gather,
  OneHot: oneHot,
};
