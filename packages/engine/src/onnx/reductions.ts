/** Sums, extremes, index of extremes, softmax, running sums, segment sums. */
import { ONNX_TYPE } from "./builder.js";
import { normalizeAxes, type Call, type Lowering, type LoweringTable } from "./lowering.js";

const reduceOver =
  (opType: string, axesName: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const axes = normalizeAxes(attrs[axesName], specs[0]!.shape.length);
    if (axes.length === 0) return inputs[0]!;
    return builder.op(opType, [inputs[0]!, builder.ints(axes)], { keepdims: attrs["keepDims"] ? 1 : 0 });
  };

const reduceLogical =
  (opType: string): Lowering =>
  (call) => {
    const { builder } = call;
    const asIntegers: Call = { ...call, inputs: [builder.op("Cast", [call.inputs[0]!], { to: ONNX_TYPE.int32 })] };
    return builder.op("Cast", [reduceOver(opType, "axis")(asIntegers) as string], { to: ONNX_TYPE.bool });
  };

const indexOf =
  (opType: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const axis = normalizeAxes(attrs["axis"], specs[0]!.shape.length)[0]!;
    return builder.op("Cast", [builder.op(opType, [inputs[0]!], { axis, keepdims: 0 })], { to: ONNX_TYPE.int32 });
  };

const softmax =
  (opType: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const rank = specs[0]!.shape.length;
    const axis = normalizeAxes((attrs["dim"] ?? attrs["axis"] ?? -1) as number, rank)[0]!;
    return builder.op(opType, [inputs[0]!], { axis });
  };

/** Rows of x added into `numSegments` bins, as the gradient of a gather along the first axis. */
const segmentSum: Lowering = ({ builder, name, spec, output }) => {
  const ids = spec("segmentIds").shape;
  const zeros = builder.op("Expand", [builder.scalar(0, output.dtype), builder.ints(output.shape)]);
  const indices = builder.reshape(builder.op("Cast", [name("segmentIds")], { to: ONNX_TYPE.int64 }), [...ids, 1]);
  return builder.op("ScatterND", [zeros, indices, name("x")], { reduction: "add" });
};

export const reductions: LoweringTable = {
  Sum: reduceOver("ReduceSum", "axis"),
  Mean: reduceOver("ReduceMean", "axis"),
  Prod: reduceOver("ReduceProd", "axis"),
  Max: reduceOver("ReduceMax", "reductionIndices"),
  Min: reduceOver("ReduceMin", "axis"),
  All: reduceLogical("ReduceMin"),
  Any: reduceLogical("ReduceMax"),
  ArgMax: indexOf("ArgMax"),
  ArgMin: indexOf("ArgMin"),
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
  Cumsum: ({ builder, inputs, attrs }) =>
    builder.op("CumSum", [inputs[0]!, builder.ints([attrs["axis"] as number])], {
      exclusive: attrs["exclusive"] ? 1 : 0,
      reverse: attrs["reverse"] ? 1 : 0,
    }),
  UnsortedSegmentSum: segmentSum,
};
