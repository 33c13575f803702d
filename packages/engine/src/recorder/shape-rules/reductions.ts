/** Kernels that reduce axes or run along one: sums, extremes, softmax, cumulative sums, top k. */
import { backend_util as backend, util } from "@tensorflow/tfjs-core";
import type { DType } from "../../graph.js";
import { countable, dims, each, input, sameAs, type ShapeRule, type ShapeRules } from "./rule.js";

const reduce =
  (axesName: string, dtypeOf: (dtype: DType) => DType): ShapeRule =>
  (inputs, attrs) => {
    const x = input(inputs, "x");
    const axes = util.parseAxisParam((attrs[axesName] ?? undefined) as number | number[], dims(x));
    const [reduced] = backend.computeOutAndReduceShapes(dims(x), axes);
    const shape = attrs["keepDims"] ? backend.expandShapeToKeepDim(reduced, axes) : reduced;
    return { shape, dtype: dtypeOf(x.dtype) };
  };

const reduceToIndex: ShapeRule = (inputs, attrs) => {
  const x = input(inputs, "x");
  const axes = util.parseAxisParam(attrs["axis"] as number, dims(x));
  return { shape: backend.computeOutAndReduceShapes(dims(x), axes)[0], dtype: "int32" };
};

const running: ShapeRule = (inputs, attrs) => {
  const x = input(inputs, "x");
  util.parseAxisParam(attrs["axis"] as number, dims(x));
  return { shape: x.shape, dtype: countable(x.dtype) };
};

export const reductions: ShapeRules = {
  ...each("Sum Prod", reduce("axis", countable)),
  Mean: reduce("axis", () => "float32"),
  Max: reduce("reductionIndices", (dtype) => dtype),
  Min: reduce("axis", (dtype) => dtype),
  ...each(
    "All Any",
    reduce("axis", () => "bool"),
  ),
  ...each("ArgMax ArgMin", reduceToIndex),
  ...each("Cumsum Cumprod", running),
  Softmax: sameAs("logits"),
  TopK: (inputs, attrs) => {
    const x = input(inputs, "x");
    const shape = [...x.shape.slice(0, -1), attrs["k"] as number];
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: "int32" },
    ];
  },
};
