/** Kernels that read or write at integer indices: gather, scatter, one-hot, counts, search. */
import { util } from "@tensorflow/tfjs-core";
import type { GraphDefBuilder } from "./builder.js";
import { throughIntegers, type Call, type Lowering, type LoweringTable } from "./lowering.js";
import { sizeOf } from "../graph.js";

const gather: Lowering = ({ builder, name, spec, attrs, output }) => {
  const [axis] = util.parseAxisParam(attrs["axis"] as number, [...spec("x").shape]);
  return builder.op("GatherV2", [name("x"), name("indices"), builder.scalar(axis!, "int32")], {
    Tparams: output.dtype,
    Tindices: "int32",
    Taxis: "int32",
    batch_dims: (attrs["batchDims"] ?? 0) as number,
  });
};

const gatherNd: Lowering = ({ builder, name, output }) =>
  builder.op("GatherNd", [name("params"), name("indices")], { Tparams: output.dtype, Tindices: "int32" });

/** Coordinates on the last axis. TensorFlow.js omits this axis for a single coordinate. */
const coordinates = ({ builder, name, spec }: Call, indices: string): string => {
  const { shape } = spec(indices);
  return shape.length < 2 ? builder.reshape(name(indices), "int32", [sizeOf(shape), 1]) : name(indices);
};

/**
 * Updates in the shape that the operations require: the axes of the indices except the last, then
 * those of the slices.
 */
const slices = ({ builder, name, spec, output }: Call, indices: string, updates: string): string => {
  const { shape } = spec(indices);
  const [places, depth] = shape.length < 2 ? [[sizeOf(shape)], 1] : [shape.slice(0, -1), shape.at(-1)!];
  const wanted = [...places, ...output.shape.slice(depth)];
  const { shape: given, dtype } = spec(updates);
  if (given.join() === wanted.join()) return name(updates);
  if (sizeOf(given) === sizeOf(wanted)) return builder.reshape(name(updates), dtype, wanted);
  return builder.op("BroadcastTo", [name(updates), builder.ints(wanted)], { T: dtype, Tidx: "int32" });
};

const scatter: Lowering = (call) => {
  const { builder, output } = call;
  const operands = [coordinates(call, "indices"), slices(call, "indices", "updates"), builder.ints(output.shape)];
  return builder.op("ScatterNd", operands, { T: output.dtype, Tindices: "int32" });
};

const scatterUpdate: Lowering = (call) => {
  const operands = [call.name("tensor"), coordinates(call, "indices"), slices(call, "indices", "updates")];
  return call.builder.op("TensorScatterUpdate", operands, { T: call.output.dtype, Tindices: "int32" });
};

/** Writes scalars at positions, and a default elsewhere. */
const sparseToDense: Lowering = (call) => {
  const { builder, name, output } = call;
  const filled = builder.op("Fill", [builder.ints(output.shape), name("defaultValue")], {
    T: output.dtype,
    index_type: "int32",
  });
  const operands = [filled, coordinates(call, "sparseIndices"), slices(call, "sparseIndices", "sparseValues")];
  return builder.op("TensorScatterUpdate", operands, { T: output.dtype, Tindices: "int32" });
};

/**
 * Adds rows to bins: result[i] = Σ of rows[n] with ids[n] = i. Ids outside [0, bins) are ignored.
 */
const addIntoBins = ({ builder, output }: Call, ids: string, rows: string, bins: number): string => {
  const inside = builder.op("Less", [ids, builder.scalar(bins, "int32")], { T: "int32" });
  const safe = builder.op("SelectV2", [inside, ids, builder.scalar(-1, "int32")], { T: "int32" });
  return builder.op("UnsortedSegmentSum", [rows, safe, builder.scalar(bins, "int32")], {
    T: output.dtype,
    Tindices: "int32",
    Tnumsegments: "int32",
  });
};

/**
 * Zeros, read from a table of one entry. A negative number reads outside the table, which
 * TensorFlow refuses.
 */
const zerosUnlessNegative = (builder: GraphDefBuilder, x: string): string => {
  const isNegative = builder.op("Less", [x, builder.scalar(0, "int32")], { T: "int32" });
  const indices = builder.cast(isNegative, "bool", "int32");
  const types = { Tparams: "int32", Tindices: "int32", Taxis: "int32" };
  return builder.op("GatherV2", [builder.ints([0]), indices, builder.scalar(0, "int32")], types);
};

/**
 * The number of occurrences of each number, or the sum of its weights. Rows of x are counted
 * separately.
 */
const count: Lowering = (call) => {
  const { builder, name, spec, attrs, output } = call;
  const { shape } = spec("x");
  const [rows, bins, entries] = [sizeOf(shape.slice(0, -1)), attrs["size"] as number, sizeOf(shape)];
  const calculate = (op: string, a: string, b: string): string => builder.op(op, [a, b], { T: "int32" });
  const given = builder.reshape(name("x"), "int32", [rows, entries / rows]);
  const x = calculate("AddV2", given, zerosUnlessNegative(builder, given));
  const firstBins = Int32Array.from({ length: rows }, (_, row) => row * bins);
  const known = calculate("Less", x, builder.scalar(bins, "int32"));
  const placed = calculate("AddV2", x, builder.constant({ shape: [rows, 1], dtype: "int32" }, firstBins));
  const ids = builder.op("SelectV2", [known, placed, builder.scalar(-1, "int32")], { T: "int32" });
  const one = builder.scalar(1, output.dtype);
  const weighted = sizeOf(spec("weights").shape) > 0 && !attrs["binaryOutput"];
  const weights = weighted
    ? builder.reshape(name("weights"), output.dtype, [entries])
    : builder.op("Fill", [builder.ints([entries]), one], { T: output.dtype, index_type: "int32" });
  const counts = addIntoBins(call, builder.reshape(ids, "int32", [entries]), weights, rows * bins);
  const shaped = builder.reshape(counts, output.dtype, output.shape);
  return attrs["binaryOutput"] ? builder.op("Minimum", [shaped, one], { T: output.dtype }) : shaped;
};

/** Indices outside [0, depth) give a row of zeros. */
const oneHot: Lowering = ({ builder, inputs, attrs, output }) => {
  const value = (attribute: string, otherwise: number): string =>
    builder.scalar((attrs[attribute] ?? otherwise) as number, output.dtype);
  const operands = [
    inputs[0]!,
    builder.scalar(attrs["depth"] as number, "int32"),
    value("onValue", 1),
    value("offValue", 0),
  ];
  return builder.op("OneHot", operands, { T: output.dtype, TI: "int32", axis: -1 });
};

/** The position of each value in its sorted row. */
const searchSorted: Lowering = ({ builder, name, spec, attrs }) =>
  builder.op(attrs["side"] === "left" ? "LowerBound" : "UpperBound", [name("sortedSequence"), name("values")], {
    T: spec("values").dtype,
    out_type: "int32",
  });

export const indexing: LoweringTable = {
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: throughIntegers(scatter),
  TensorScatterUpdate: throughIntegers(scatterUpdate),
  SparseToDense: throughIntegers(sparseToDense),
  UnsortedSegmentSum: throughIntegers((call) =>
    addIntoBins(call, call.name("segmentIds"), call.name("x"), call.attrs["numSegments"] as number),
  ),
  Bincount: count,
  DenseBincount: count,
  OneHot: oneHot,
  SearchSorted: searchSorted,
};
