/** Sums, extremes and their indices, softmax, cumulative sums and products, top k. */
import { sizeOf } from "../graph.js";
import { ONNX_TYPE, type OnnxBuilder } from "./builder.js";
import { normalizeAxes, type Lowering, type LoweringTable } from "./lowering.js";
import { marks, sumOfSizes, whereAnyIsNaN } from "./nan.js";
import { convert, DOUBLE, throughIntegers } from "./types.js";

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

/**
 * Tensors of so many numbers are tested for NaN as a whole first. The sums of rows take five times as
 * long as their extremes, the sum of all no longer.
 */
const many = 32_768;

/** The axes of tensors that are a softmax. */
const softmaxes = new WeakMap<OnnxBuilder, Map<string, number>>();

/**
 * One entry of each row of the softmax of x, or of x if it is one. They show whether x holds a NaN:
 * a row of a softmax is NaN as a whole, or nowhere. It is also NaN for a row with an infinite maximum.
 */
function firstShares(builder: OnnxBuilder, x: string, axis: number): string | undefined {
  const shares = softmaxes.get(builder)?.get(x) === axis ? x : builder.existing("Softmax", [x], { axis });
  return shares && builder.op("Slice", [shares, builder.ints([0]), builder.ints([1]), builder.ints([axis])]);
}

/** The largest or smallest entry, or NaN if an entry is NaN. */
const extreme =
  (opType: string, axesName: string): Lowering =>
  (call) => {
    const { builder, inputs, specs, attrs } = call;
    const [x, { shape, dtype }] = [inputs[0]!, specs[0]!];
    const reduced = (): string => reduceOver(opType, axesName)(call) as string;
    const axes = normalizeAxes(attrs[axesName], shape.length);
    if (dtype !== "float32" || axes.length === 0) return reduced();
    const marked = (): string => {
      const sizes = sumOfSizes(builder, x, axes, attrs["keepDims"] ? 1 : 0);
      return builder.op("Where", [builder.op("IsNaN", [sizes]), sizes, reduced()]);
    };
    if (!builder.structured || axes.length === shape.length || sizeOf(shape) < many) return marked();
    return whereAnyIsNaN(
      builder,
      (axes.length === 1 && firstShares(builder, x, axes[0]!)) || x,
      1,
      () => [marked()],
      () => [reduced()],
    )[0]!;
  };

/** The index of the largest or smallest entry: the first of equal ones, or the first NaN. */
const indexOf =
  (opType: string): Lowering =>
  ({ builder, inputs, specs, attrs }) => {
    const [x, { shape, dtype }] = [inputs[0]!, specs[0]!];
    const axis = normalizeAxes(attrs["axis"], shape.length)[0]!;
    const placeOf = (op: string, of: string): string => builder.op(op, [of], { axis, keepdims: 0 });
    const place =
      dtype !== "float32"
        ? placeOf(opType, x)
        : whereAnyIsNaN(
            builder,
            x,
            1,
            () => {
              const marked = marks(builder, x);
              const has = builder.op("ReduceMax", [marked, builder.ints([axis])], { keepdims: 0 });
              const isNaN = builder.op("Cast", [has], { to: ONNX_TYPE.bool });
              return [builder.op("Where", [isNaN, placeOf("ArgMax", marked), placeOf(opType, x)])];
            },
            () => [placeOf(opType, x)],
          )[0]!;
    return builder.op("Cast", [place], { to: ONNX_TYPE.int32 });
  };

const softmax: Lowering = ({ builder, inputs, specs, attrs }) => {
  const axis = normalizeAxes(attrs["dim"], specs[0]!.shape.length)[0]!;
  const shares = builder.op("Softmax", [inputs[0]!], { axis });
  const known = softmaxes.get(builder) ?? new Map<string, number>();
  softmaxes.set(builder, known.set(shares, axis));
  return shares;
};

const runningSum: Lowering = ({ builder, inputs, attrs }) =>
  builder.op("CumSum", [inputs[0]!, builder.scalar(attrs["axis"] as number, "int32")], {
    exclusive: attrs["exclusive"] ? 1 : 0,
    reverse: attrs["reverse"] ? 1 : 0,
  });

/**
 * Cumulative products by doubling: after the step of width w, each entry holds the product of 2w
 * neighbours.
 */
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

/**
 * The k largest entries of the last axis in descending order, and their indices. NaN precedes all
 * numbers; equal entries keep their order.
 *
 * For sorting, NaN becomes the infinity of doubles, and the infinity of floats a double below it.
 */
const largest: Lowering = ({ builder, inputs, specs, attrs }) => {
  const x = inputs[0]!;
  const sorted = (of: string): string[] =>
    builder.many("TopK", [of, builder.ints([attrs["k"] as number])], 2, { axis: -1 });
  const ordered = (): string[] => {
    const wide = (value: string): string => builder.op("Cast", [value], { to: DOUBLE });
    const infinity = wide(builder.scalar(Infinity));
    const below = builder.op("Mul", [wide(builder.scalar(2 ** 127)), wide(builder.scalar(2))]);
    const finite = builder.op("Min", [wide(x), below]);
    const [, indices] = sorted(builder.op("Where", [builder.op("IsNaN", [x]), infinity, finite]));
    return [builder.op("GatherElements", [x, indices!], { axis: -1 }), indices!];
  };
  const [values, indices] =
    specs[0]!.dtype === "float32" ? whereAnyIsNaN(builder, x, 2, ordered, () => sorted(x)) : sorted(x);
  return [values!, builder.op("Cast", [indices!], { to: ONNX_TYPE.int32 })];
};

/** The kernel that `fuseSumsOfSquares` creates. */
export const sumOfSquares = reduceOver("ReduceSumSquare", "axis");

export const reductions: LoweringTable = {
  Sum: throughIntegers(reduceOver("ReduceSum", "axis")),
  Mean: mean,
  Prod: throughIntegers(reduceOver("ReduceProd", "axis")),
  Max: throughIntegers(extreme("ReduceMax", "reductionIndices")),
  Min: throughIntegers(extreme("ReduceMin", "axis")),
  All: throughIntegers(reduceOver("ReduceMin", "axis")),
  Any: throughIntegers(reduceOver("ReduceMax", "axis")),
  ArgMax: throughIntegers(indexOf("ArgMax")),
  ArgMin: throughIntegers(indexOf("ArgMin")),
  Softmax: softmax,
  Cumsum: throughIntegers(runningSum),
  Cumprod: throughIntegers(runningProduct),
  TopK: throughIntegers(largest),
};
