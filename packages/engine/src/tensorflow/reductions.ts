/** Sums, extremes and their indices, softmax, cumulative sums and products, top k. */
import { util } from "@tensorflow/tfjs-core";
import type { DType } from "../graph.js";
import type { TensorFlowType } from "./builder.js";
import { isNaN, where } from "./elementwise.js";
import { through, throughIntegers, type Lowering, type LoweringTable } from "./lowering.js";

const reduceOver =
  (op: string, axesName = "axis"): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const axes = util.parseAxisParam(attrs[axesName] as number[] | undefined as number[], [...specs[0]!.shape]);
    if (axes.length === 0) return inputs[0]!;
    return builder.op(op, [inputs[0]!, builder.ints(axes)], {
      T: specs[0]!.dtype,
      Tidx: "int32",
      keep_dims: Boolean(attrs["keepDims"]),
    });
  };

/** `All` and `Any`, which have no type attribute. */
const logical =
  (op: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const axes = util.parseAxisParam(attrs["axis"] as number[], [...specs[0]!.shape]);
    return builder.op(op, [inputs[0]!, builder.ints(axes)], { Tidx: "int32", keep_dims: Boolean(attrs["keepDims"]) });
  };

/** The index of the largest or smallest entry: the first of equal ones, or the first NaN. */
const indexOf =
  (op: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const [x, { shape, dtype }] = [inputs[0]!, specs[0]!];
    const axis = builder.scalar(util.parseAxisParam(attrs["axis"] as number, [...shape])[0]!, "int32");
    const placeOf = (kind: string, of: string, T: DType): string =>
      builder.op(kind, [of, axis], { T, Tidx: "int32", output_type: "int32" });
    if (dtype !== "float32") return placeOf(op, x, dtype);
    const unknown = isNaN(builder, x);
    const has = builder.op("Any", [unknown, axis], { Tidx: "int32", keep_dims: false });
    const ofNaN = placeOf("ArgMax", builder.cast(unknown, "bool", "int32"), "int32");
    return where(builder, has, ofNaN, placeOf(op, x, dtype), "int32");
  };

/**
 * Softmax that propagates NaN, which the library's own softmax drops. The largest entry minus
 * itself is 0, or NaN if the row has no softmax.
 */
const softmax: Lowering = ({ builder, inputs, specs }) => {
  const x = inputs[0]!;
  const last = builder.ints([specs[0]!.shape.length - 1]);
  const largest = builder.op("Max", [x, last], { T: "float32", Tidx: "int32", keep_dims: true });
  const doubt = builder.op("Sub", [largest, largest], { T: "float32" });
  return builder.op("AddV2", [builder.op("Softmax", [x], { T: "float32" }), doubt], { T: "float32" });
};

/**
 * The k largest entries of the last axis in descending order, and their indices. NaN precedes all
 * numbers; equal entries keep their order.
 *
 * For sorting, NaN becomes the infinity of doubles, and the infinity of floats a double below it.
 */
const largest: Lowering = ({ builder, inputs, specs, attrs }) => {
  const [x, { dtype, shape }] = [inputs[0]!, specs[0]!];
  const sorted = (of: string, T: TensorFlowType): string[] =>
    builder.many("TopKV2", [of, builder.scalar(attrs["k"] as number, "int32")], 2, {
      T,
      Tk: "int32",
      index_type: "int32",
      sorted: true,
    });
  if (dtype !== "float32") return sorted(x, dtype);
  const wide = builder.cast(x, "float32", "float64");
  const numbers = builder.op("Minimum", [wide, builder.scalar(2 ** 128, "float64")], { T: "float64" });
  const ordered = where(builder, isNaN(builder, x), builder.scalar(Infinity, "float64"), numbers, "float64");
  const [, places] = sorted(ordered, "float64");
  const values = builder.op("GatherV2", [x, places!, builder.scalar(shape.length - 1, "int32")], {
    Tparams: dtype,
    Tindices: "int32",
    Taxis: "int32",
    batch_dims: shape.length - 1,
  });
  return [values, places!];
};

const running =
  (op: string): Lowering =>
  ({ builder, inputs, specs, attrs }) =>
    builder.op(op, [inputs[0]!, builder.scalar(attrs["axis"] as number, "int32")], {
      T: specs[0]!.dtype,
      Tidx: "int32",
      exclusive: Boolean(attrs["exclusive"]),
      reverse: Boolean(attrs["reverse"]),
    });

export const reductions: LoweringTable = {
  Sum: throughIntegers(reduceOver("Sum")),
  Mean: throughIntegers(through("int32", "float32")(reduceOver("Mean"))),
  Prod: throughIntegers(reduceOver("Prod")),
  Max: throughIntegers(reduceOver("Max", "reductionIndices")),
  Min: throughIntegers(reduceOver("Min")),
  All: logical("All"),
  Any: logical("Any"),
  ArgMax: throughIntegers(indexOf("ArgMax")),
  ArgMin: throughIntegers(indexOf("ArgMin")),
  Softmax: softmax,
  Cumsum: throughIntegers(running("Cumsum")),
  Cumprod: throughIntegers(running("Cumprod")),
  TopK: throughIntegers(largest),
};
