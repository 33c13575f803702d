/** Kernels that act on each entry, or on pairs of entries. */
import { upcastType } from "@tensorflow/tfjs-core";
import type { DType } from "../../graph.js";
import { broadcast, each, input, listed, sameAs, type ShapeRules } from "./rule.js";

const unary =
  "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor Log Log1p Neg Reciprocal Relu Relu6 " +
  "Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan Tanh ClipByValue";

/** Functions of each entry. */
export const functions: ShapeRules = {
  ...each(unary, sameAs("x")),
  ...each("LeakyRelu Prelu", sameAs("x", "float32")),
  EluGrad: sameAs("dy"),
};

/** Arithmetic, comparison, choice and conversion of entries that stand in the same place. */
export const arithmetic: ShapeRules = {
  ...each("Add Sub Multiply RealDiv Maximum Minimum Mod Pow SquaredDifference Atan2 BitwiseAnd", broadcast()),
  FloorDiv: broadcast("int32"),
  AddN: (inputs) => listed(inputs)[0]!,
  ...each("Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr", broadcast("bool")),
  ...each("LogicalNot IsFinite IsInf IsNan", sameAs("x", "bool")),
  Select: (inputs) => {
    const [t, e] = [input(inputs, "t"), input(inputs, "e")];
    return { shape: t.shape, dtype: upcastType(t.dtype, e.dtype) as DType };
  },
  Cast: (inputs, attrs) => ({ shape: input(inputs, "x").shape, dtype: attrs["dtype"] as DType }),
  ...each("ZerosLike OnesLike", sameAs("x")),
};
