/** Sums, extremes and where they are, softmax, running sums and products, the largest k. */
import { ONNX_TYPE } from "./builder.js";
import { normalizeAxes, type Lowering, type LoweringTable } from "./lowering.js";
import { convert, throughIntegers } from "./types.js";

const reduceOver =
  (opType: string, axesName: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const axes = normalizeAxes(attrs[axesName], specs[0]!.shape.length);
    if (axes.length === 0) return inputs[0]!;
    return builder.op(opType, [inputs[0]!, builder.ints(axes)], { keepdims: attrs["keepDims"] ? 1 : 0 });
  };

const mean: Lowering = (call) => {
  const x = convert(call.builder, call.inputs[0]!, call.specs[0]!.dtype, "float32");
  return reduceOver("ReduceMean", "axis")({ ...call, inputs: [x] });
};

const indexOf =
  (opType: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const axis = normalizeAxes(attrs["axis"], specs[0]!.shape.length)[0]!;
    return builder.op("Cast", [builder.op(opType, [inputs[0]!], { axis, keepdims: 0 })], { to: ONNX_TYPE.int32 });
  };

const softmax: Lowering = ({ builder, inputs, attrs }) =>
  builder.op("Softmax", [inputs[0]!], { axis: attrs["dim"] as number });

const runningSum: Lowering = ({ builder, inputs, attrs }) =>
  builder.op("CumSum", [inputs[0]!, builder.scalar(attrs["axis"] as number, "int32")], {
    exclusive: attrs["exclusive"] ? 1 : 0,
    reverse: attrs["reverse"] ? 1 : 0,
  });

/** Running products by doubling: after the step of width w, each entry holds the product of 2w neighbours. */
const runningProduct: Lowering = ({ builder, inputs, attrs, output }) => {
  const rank = output.shape.length;
  const axis = normalizeAxes(attrs["axis"], rank)[0]!;
  const shifted = (x: string, by: number): string => {
    const [before, after] = attrs["reverse"] ? [-by, by] : [by, -by];
    const pads = Array.from({ length: 2 * rank }, (_, i) => (i === axis ? before : i === rank + axis ? after : 0));
    return builder.op("Pad", [x, builder.ints(pads), builder.scalar(1, output.dtype)]);
  };
  let product = attrs["exclusive"] ? shifted(inputs[0]!, 1) : inputs[0]!;
  for (let width = 1; width < output.shape[axis]!; width *= 2) {
    product = builder.op("Mul", [product, shifted(product, width)]);
  }
  return product;
};

/** The k largest of the last axis in descending order, the first of equals first, and where they stood. */
const largest: Lowering = ({ builder, inputs, attrs }) => {
  const [values, indices] = builder.many("TopK", [inputs[0]!, builder.ints([attrs["k"] as number])], 2, { axis: -1 });
  return [values!, builder.op("Cast", [indices!], { to: ONNX_TYPE.int32 })];
};

export const reductions: LoweringTable = {
  Sum: throughIntegers(reduceOver("ReduceSum", "axis")),
  Mean: mean,
  Prod: throughIntegers(reduceOver("ReduceProd", "axis")),
  Max: throughIntegers(reduceOver("ReduceMax", "reductionIndices")),
  Min: throughIntegers(reduceOver("ReduceMin", "axis")),
  All: throughIntegers(reduceOver("ReduceMin", "axis")),
  Any: throughIntegers(reduceOver("ReduceMax", "axis")),
  ArgMax: throughIntegers(indexOf("ArgMax")),
  ArgMin: throughIntegers(indexOf("ArgMin")),
  Softmax: softmax,
  Cumsum: throughIntegers(runningSum),
  Cumprod: throughIntegers(runningProduct),
  TopK: throughIntegers(largest),
};
