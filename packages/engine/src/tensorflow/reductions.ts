/** Sums, extremes and where they are, softmax, running sums and products, the largest k. */
import { util } from "@tensorflow/tfjs-core";
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

/** `All` and `Any`, which have no type. */
const logical =
  (op: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const axes = util.parseAxisParam(attrs["axis"] as number[], [...specs[0]!.shape]);
    return builder.op(op, [inputs[0]!, builder.ints(axes)], { Tidx: "int32", keep_dims: Boolean(attrs["keepDims"]) });
  };

const indexOf =
  (op: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const [axis] = util.parseAxisParam(attrs["axis"] as number, [...specs[0]!.shape]);
    const types = { T: specs[0]!.dtype, Tidx: "int32", output_type: "int32" };
    return builder.op(op, [inputs[0]!, builder.scalar(axis!, "int32")], types);
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
  Softmax: ({ builder, inputs }) => builder.op("Softmax", inputs, { T: "float32" }),
  Cumsum: throughIntegers(running("Cumsum")),
  Cumprod: throughIntegers(running("Cumprod")),
  /** The k largest of the last axis in descending order, the first of equals first, and where they stood. */
  TopK: throughIntegers(({ builder, inputs, specs, attrs }) =>
    builder.many("TopKV2", [inputs[0]!, builder.scalar(attrs["k"] as number, "int32")], 2, {
      T: specs[0]!.dtype,
      Tk: "int32",
      index_type: "int32",
      sorted: true,
    }),
  ),
};
