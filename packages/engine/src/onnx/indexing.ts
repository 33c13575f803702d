/** Kernels that read or write at integer indices: gather, scatter, one-hot, counts, search. */
import { normalizeAxes, type Call, type Lowering, type LoweringTable } from "./lowering.js";
import { ONNX_TYPE, type OnnxBuilder } from "./builder.js";
import { convert, throughIntegers, toIndices } from "./types.js";
import { sizeOf } from "../graph.js";

/** A 64-bit index that stays beyond any tensor when valid offsets are added to it. */
const WAY_BEHIND = 2 ** 52;

const filled = ({ builder }: Call, value: string, shape: readonly number[]): string =>
  builder.op("Expand", [value, builder.ints(shape)]);

/**
 * Moves negative indices beyond the axis, where ONNX Runtime refuses them. ONNX would count them
 * from the end.
 */
const fromStart = (builder: OnnxBuilder, indices: string, size: string, zero: string): string =>
  builder.op("Where", [builder.op("Less", [indices, zero]), size, indices]);

/** Gather along an axis. */
const gather: Lowering = (call) => {
  const { builder, name, spec, attrs } = call;
  if (attrs["batchDims"]) return gatherInGroups(call, attrs["batchDims"] as number);
  const { shape } = spec("x");
  const axis = normalizeAxes(attrs["axis"], shape.length)[0]!;
  const places = fromStart(builder, name("indices"), builder.scalar(shape[axis]!, "int32"), builder.scalar(0, "int32"));
  return builder.op("Gather", [name("x"), places], { axis });
};

/**
 * Gather with leading batch axes, where each group has its own indices. All groups are gathered
 * from one table that holds them one after another.
 */
function gatherInGroups({ builder, name, spec, attrs, output }: Call, batchDims: number): string {
  const { shape } = spec("x");
  const axis = normalizeAxes(attrs["axis"], shape.length)[0]!;
  const groups = sizeOf(shape.slice(0, batchDims));
  const [before, count, after] = [sizeOf(shape.slice(batchDims, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
  const picked = sizeOf(spec("indices").shape.slice(batchDims));
  const scalar = (value: number): string => builder.scalar(value, "int32");
  const indices = builder.reshape(name("indices"), [groups, picked]);
  const starts = Int32Array.from({ length: groups }, (_, group) => group * count);
  const places = builder.op("Add", [indices, builder.constant({ shape: [groups, 1], dtype: "int32" }, starts)]);
  const isOutside = builder.op("Or", [
    builder.op("Less", [indices, scalar(0)]),
    builder.op("GreaterOrEqual", [indices, scalar(count)]),
  ]);
  const inTable = builder.op("Where", [isOutside, scalar(groups * count), places]);
  const rows = builder.transpose(builder.reshape(name("x"), [groups, before, count, after]), [0, 2, 1, 3]);
  const table = builder.reshape(rows, [groups * count, before, after]);
  const found = builder.op("Gather", [table, inTable], { axis: 0 });
  return builder.reshape(builder.transpose(found, [0, 2, 1, 3]), output.shape);
}

const gatherNd: Lowering = ({ builder, name, spec }) => {
  const sizes = spec("params").shape.slice(0, spec("indices").shape.at(-1));
  const indices = toIndices(builder, name("indices"));
  return builder.op("GatherND", [name("params"), fromStart(builder, indices, builder.ints(sizes), builder.ints([0]))]);
};

/**
 * Writes rows one after another into the rows `ids` of a table. With "add", rows are summed.
 *
 * ScatterND is not used: ONNX Runtime runs it in parallel and loses sums when an id occurs twice.
 */
function intoRows(
  { builder }: Call,
  table: string,
  [ids, idCount]: readonly [name: string, count: number],
  [rows, rowShape]: readonly [name: string, shape: readonly number[]],
  reduction: "none" | "add",
): string {
  const shape = [idCount, ...rowShape];
  const column = builder.reshape(toIndices(builder, ids), [idCount, ...rowShape.map(() => 1)]);
  return builder.op(
    "ScatterElements",
    [
      table,
      sizeOf(rowShape) === 1 ? column : builder.op("Expand", [column, builder.ints(shape)]),
      builder.reshape(rows, shape),
    ],
    { axis: 0, reduction },
  );
}

/**
 * Writes slices at positions given by their leading coordinates. The coordinates are the last axis
 * of `indices`, which is absent for a single coordinate.
 */
function atPositions(call: Call, table: string, indices: string, updates: string, reduction: "none" | "add"): string {
  const { builder, name, spec, output } = call;
  const { shape } = spec(indices);
  const coordinates = shape.length < 2 ? 1 : shape.at(-1)!;
  const idCount = sizeOf(shape) / coordinates;
  const leading = output.shape.slice(0, coordinates);
  const steps = leading.map((_, i) => sizeOf(leading.slice(i + 1)));
  const positions = builder.reshape(toIndices(builder, name(indices)), [idCount, coordinates]);
  const zero = builder.ints([0]);
  const isOutside = builder.op("Or", [
    builder.op("Less", [positions, zero]),
    builder.op("GreaterOrEqual", [positions, builder.ints(leading)]),
  ]);
  // If one coordinate is outside, the whole position is moved beyond the table, where ONNX Runtime
  // refuses it.
  const strides = builder.op("Mul", [positions, builder.ints(steps)]);
  const summands = builder.op("Where", [isOutside, builder.ints([WAY_BEHIND]), strides]);
  const ids = builder.op("ReduceSum", [summands, builder.ints([1])]);
  const rowShape = output.shape.slice(coordinates);
  const isShared = spec(updates).shape.length === 0 && idCount > 1;
  const rows = isShared ? filled(call, name(updates), [idCount, ...rowShape]) : name(updates);
  const write = (flat: string): string => intoRows(call, flat, [ids, idCount], [rows, rowShape], reduction);
  // A reshape of a table would copy it.
  return coordinates === 1
    ? write(table)
    : builder.reshape(write(builder.reshape(table, [sizeOf(leading), ...rowShape])), output.shape);
}

const scatter: Lowering = (call) => {
  const zeros = filled(call, call.builder.scalar(0, call.output.dtype), call.output.shape);
  return atPositions(call, zeros, "indices", "updates", "add");
};

const scatterUpdate: Lowering = (call) => atPositions(call, call.name("tensor"), "indices", "updates", "none");

/** Writes scalars at positions. A single index of rank 0 or 1 addresses the only axis. */
const sparseToDense: Lowering = (call) =>
  atPositions(
    call,
    filled(call, call.name("defaultValue"), call.output.shape),
    "sparseIndices",
    "sparseValues",
    "none",
  );

/**
 * Adds rows to bins: result[i] = Σ of rows[n] with ids[n] = i.
 *
 * Ids outside [0, bins) are ignored, as in TensorFlow.js. ONNX would count negative ones from the
 * end.
 */
const addIntoBins = (call: Call, ids: string, idCount: number, rows: string, bins: number, rowSize: number): string => {
  const { builder, output } = call;
  const [zero, zeroId] = [builder.scalar(0, output.dtype), builder.scalar(0, "int32")];
  const column = builder.reshape(ids, [idCount, 1]);
  const inside = builder.op("And", [
    builder.op("GreaterOrEqual", [column, zeroId]),
    builder.op("Less", [column, builder.scalar(bins, "int32")]),
  ]);
  const kept = builder.op("Where", [inside, builder.reshape(rows, [idCount, rowSize]), zero]);
  const table = filled(call, zero, [bins, rowSize]);
  const safe = builder.op("Where", [inside, column, zeroId]);
  return intoRows(call, table, [safe, idCount], [kept, [rowSize]], "add");
};

const segmentSum: Lowering = (call) => {
  const { builder, name, spec, output } = call;
  const idCount = sizeOf(spec("segmentIds").shape);
  const bins = addIntoBins(
    call,
    name("segmentIds"),
    idCount,
    name("x"),
    output.shape[0]!,
    sizeOf(output.shape.slice(1)),
  );
  return builder.reshape(bins, output.shape);
};

/**
 * Zeros, read from a table of one entry. A negative number reads outside the table, which ONNX
 * Runtime refuses.
 */
const zerosUnlessNegative = (builder: OnnxBuilder, x: string): string => {
  const isNegative = builder.op("Less", [x, builder.scalar(0, "int32")]);
  const table = builder.constant({ shape: [1], dtype: "int32" }, Int32Array.of(0));
  return builder.op("Gather", [table, builder.op("Cast", [isNegative], { to: ONNX_TYPE.int32 })], { axis: 0 });
};

/**
 * The number of occurrences of each number, or the sum of its weights. Rows of x are counted
 * separately.
 */
const count: Lowering = (call) => {
  const { builder, name, spec, attrs, output } = call;
  const { shape } = spec("x");
  const [rows, bins, entries] = [sizeOf(shape.slice(0, -1)), attrs["size"] as number, sizeOf(shape)];
  const given = builder.reshape(name("x"), [rows, entries / rows]);
  const x = builder.op("Add", [given, zerosUnlessNegative(builder, given)]);
  const firstBin = Int32Array.from({ length: rows }, (_, row) => row * bins);
  const ids = builder.op("Where", [
    builder.op("Less", [x, builder.scalar(bins, "int32")]),
    builder.op("Add", [x, builder.constant({ shape: [rows, 1], dtype: "int32" }, firstBin)]),
    builder.scalar(-1, "int32"),
  ]);
  const weighted = sizeOf(spec("weights").shape) > 0 && !attrs["binaryOutput"];
  const one = builder.scalar(1, output.dtype);
  const weights = weighted ? builder.reshape(name("weights"), [entries, 1]) : filled(call, one, [entries, 1]);
  const counts = builder.reshape(addIntoBins(call, ids, entries, weights, rows * bins, 1), output.shape);
  return attrs["binaryOutput"] ? builder.op("Min", [counts, one]) : counts;
};

/**
 * Indices outside [0, depth) give a row of zeros, as in TensorFlow.js. ONNX would count negative
 * ones from the end.
 */
const oneHot: Lowering = ({ builder, inputs, attrs, output }) => {
  const depth = attrs["depth"] as number;
  const classes = builder.constant(
    { shape: [depth], dtype: "int32" },
    Int32Array.from({ length: depth }, (_, i) => i),
  );
  const hot = builder.op("Equal", [builder.op("Unsqueeze", [inputs[0]!, builder.ints([-1])]), classes]);
  if (output.dtype === "bool") return hot;
  const value = (attribute: string, otherwise: number): string =>
    builder.scalar((attrs[attribute] ?? otherwise) as number, output.dtype);
  return builder.op("Where", [hot, value("onValue", 1), value("offValue", 0)]);
};

/**
 * The position of each value in a sorted row: the number of entries below it (side "left"), or not
 * above it ("right").
 */
const searchSorted: Lowering = ({ builder, name, attrs }) => {
  const row = builder.op("Unsqueeze", [name("sortedSequence"), builder.ints([1])]);
  const values = builder.op("Unsqueeze", [name("values"), builder.ints([2])]);
  const before = builder.op(attrs["side"] === "left" ? "Less" : "LessOrEqual", [row, values]);
  const counted = convert(builder, before, "bool", "int32");
  return builder.op("ReduceSum", [counted, builder.ints([2])], { keepdims: 0 });
};

export const indexing: LoweringTable = {
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: throughIntegers(scatter),
  TensorScatterUpdate: throughIntegers(scatterUpdate),
  SparseToDense: throughIntegers(sparseToDense),
  UnsortedSegmentSum: throughIntegers(segmentSum),
  Bincount: count,
  DenseBincount: count,
  OneHot: oneHot,
  SearchSorted: searchSorted,
};
