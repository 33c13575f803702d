/** Kernels that act on each entry, or on pairs of entries. */
import { upcastType } from "@tensorflow/tfjs-core";
import type { DType } from "../../graph.js";
import { broadcast, each, input, listed, sameAs, type ShapeRules } from "./rule.js";

const unary =
  "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor Log Log1p Neg Reciprocal Relu Relu6 " +
  "Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan Tanh ClipByValue ZerosLike OnesLike";
const binary = "Add Sub Multiply RealDiv Maximum Minimum Mod Pow SquaredDifference Atan2 BitwiseAnd";
const comparisons = "Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr";

export const elementwise: ShapeRules = {
  ...each(unary, sameAs("x")),
  ...each("LeakyRelu Prelu", sameAs("x", "float32")),
  ...each("IsFinite IsInf IsNan LogicalNot", sameAs("x", "bool")),
  ...each(binary, broadcast()),
  ...each(comparisons, broadcast("bool")),
  FloorDiv: broadcast("int32"),
  EluGrad: sameAs("dy"),
  AddN: (inputs) => listed(inputs)[0]!,
  Cast: (inputs, attrs) => ({ shape: input(inputs, "x").shape, dtype: attrs["dtype"] as DType }),
  Select: (inputs) => {
    const [t, e] = [input(inputs, "t"), input(inputs, "e")];
    return { shape: t.shape, dtype: upcastType(t.dtype, e.dtype) as DType };
  },
};
