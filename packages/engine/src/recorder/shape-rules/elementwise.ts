/** Kernels that act on each entry, or on pairs of entries. */
import { upcastType } from "@tensorflow/tfjs-core";
import type { DType } from "../../graph.js";
import { assertAlike, assertShapes, broadcastsTo } from "./checks.js";
import { broadcast, each, input, listed, sameAs, type ShapeRules } from "./rule.js";

const unary =
  "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Expm1 Floor Log Log1p Neg Reciprocal Relu Relu6 " +
  "Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan Tanh ClipByValue";

/** Functions of each entry. */
export const functions: ShapeRules = {
  ...each(unary, sameAs("x")),
  ...each("Exp LeakyRelu", sameAs("x", "float32")),
  Prelu: (inputs) => {
    const [{ shape }, alpha] = [input(inputs, "x"), input(inputs, "alpha")];
    assertShapes(
      broadcastsTo(alpha.shape, shape),
      "prelu",
      [shape, alpha.shape],
      "slopes that broadcast to the tensor",
    );
    return { shape, dtype: "float32" };
  },
  EluGrad: sameAs("dy"),
};

/** Arithmetic, comparison, selection and conversion, entry by entry. */
export const arithmetic: ShapeRules = {
  ...each("Add Sub Multiply RealDiv Maximum Minimum Mod Pow SquaredDifference Atan2 BitwiseAnd", broadcast()),
  FloorDiv: broadcast("int32"),
  AddN: (inputs) => listed(inputs)[0]!,
  ...each("Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr", broadcast("bool")),
  ...each("LogicalNot IsFinite IsInf IsNan", sameAs("x", "bool")),
  Select: (inputs) => {
    const [t, e] = [input(inputs, "t"), input(inputs, "e")];
    assertAlike("where", [t, e]);
    return { shape: t.shape, dtype: upcastType(t.dtype, e.dtype) as DType };
  },
  Cast: (inputs, attrs) => ({ shape: input(inputs, "x").shape, dtype: attrs["dtype"] as DType }),
  ...each("ZerosLike OnesLike", sameAs("x")),
};
