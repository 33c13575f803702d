/** Arithmetic, comparisons, activations and casts. Composite forms are chosen to stay accurate near zero. */
import type { Call, Lowering, LoweringTable } from "./lowering.js";
import { ONNX_TYPE } from "./builder.js";
import type { DType } from "../graph.js";

const direct =
  (opType: string): Lowering =>
  ({ builder, inputs }) =>
    builder.op(opType, inputs);

const each = (names: string, make: (name: string) => Lowering): LoweringTable =>
  Object.fromEntries(names.split(" ").map((name) => [name, make(name)]));

const composed =
  (formula: (call: Call, x: string, y: string) => string): Lowering =>
  (call) =>
    formula(call, call.inputs[0]!, call.inputs[1] ?? "");

/** floor(a / b); integers are divided as reals, because ONNX truncates. */
const floorDivide = ({ builder, output }: Call, a: string, b: string): string => {
  if (output.dtype === "float32") return builder.op("Floor", [builder.op("Div", [a, b])]);
  const [x, y] = [a, b].map((value) => builder.op("Cast", [value], { to: DOUBLE })) as [string, string];
  return builder.op("Cast", [builder.op("Floor", [builder.op("Div", [x, y])])], { to: ONNX_TYPE.int32 });
};
const DOUBLE = 11;

const clip = ({ builder, output }: Call, x: string, low: number, high: number): string =>
  builder.op("Clip", [x, builder.scalar(low, output.dtype), builder.scalar(high, output.dtype)]);

const step = ({ builder, attrs, output }: Call, x: string): string => {
  const [zero, one] = [builder.scalar(0, output.dtype), builder.scalar(1, output.dtype)];
  const below = builder.scalar((attrs["alpha"] ?? 0) as number, output.dtype);
  const stepped = builder.op("Where", [builder.op("Greater", [x, zero]), one, below]);
  return output.dtype === "float32" ? builder.op("Where", [builder.op("IsNaN", [x]), x, stepped]) : stepped;
};

/** log(1 + x) = log(u) x / (u - 1) with u the rounded 1 + x, exact where u rounds to 1 (Goldberg 1991). */
const log1p = ({ builder }: Call, x: string): string => {
  const one = builder.scalar(1);
  const u = builder.op("Add", [x, one]);
  const ratio = builder.op("Div", [builder.op("Mul", [builder.op("Log", [u]), x]), builder.op("Sub", [u, one])]);
  const rounded = builder.op("Or", [builder.op("Equal", [u, one]), builder.op("IsInf", [u])]);
  return builder.op("Where", [rounded, x, ratio]);
};

/** exp(x) - 1 = tanh(x/2) (exp(x) + 1) near zero, the difference elsewhere. */
const expm1 = ({ builder }: Call, x: string): string => {
  const [one, half] = [builder.scalar(1), builder.scalar(0.5)];
  const e = builder.op("Exp", [x]);
  const near = builder.op("Mul", [builder.op("Tanh", [builder.op("Mul", [x, half])]), builder.op("Add", [e, one])]);
  const isNear = builder.op("Less", [builder.op("Abs", [x]), one]);
  return builder.op("Where", [isNear, near, builder.op("Sub", [e, one])]);
};

const cast: Lowering = ({ builder, inputs, attrs }) =>
  builder.op("Cast", [inputs[0]!], { to: ONNX_TYPE[attrs["dtype"] as DType] });

/** As the gradient of ELU in TensorFlow.js: dy where y >= 0, else dy (y + 1). */
const eluGradient: Lowering = ({ builder, name }) => {
  const [dy, y] = [name("dy"), name("y")];
  const below = builder.op("Mul", [dy, builder.op("Add", [y, builder.scalar(1)])]);
  return builder.op("Where", [builder.op("GreaterOrEqual", [y, builder.scalar(0)]), dy, below]);
};

/** Comparisons of booleans go through integers, which ONNX can order. */
const comparison =
  (opType: string): Lowering =>
  ({ builder, inputs, specs }) => {
    const operands = inputs.map((x, i) =>
      specs[i]!.dtype === "bool" ? builder.op("Cast", [x], { to: ONNX_TYPE.int32 }) : x,
    );
    return builder.op(opType, operands);
  };

export const elementwise: LoweringTable = {
  ...each(
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Floor Log Neg Reciprocal Relu Round Sigmoid Sign Sin Sinh Sqrt Tan Tanh",
    direct,
  ),
  ...each("Sub Elu Selu Softplus Pow", direct),
  Add: direct("Add"),
  Multiply: direct("Mul"),
  RealDiv: direct("Div"),
  Maximum: direct("Max"),
  Minimum: direct("Min"),
  AddN: direct("Sum"),
  LogicalNot: direct("Not"),
  LogicalAnd: direct("And"),
  LogicalOr: direct("Or"),
  IsNan: direct("IsNaN"),
  IsInf: direct("IsInf"),
  IsFinite: composed(({ builder }, x) =>
    builder.op("Not", [builder.op("Or", [builder.op("IsInf", [x]), builder.op("IsNaN", [x])])]),
  ),
  Equal: comparison("Equal"),
  NotEqual: (call) => call.builder.op("Not", [comparison("Equal")(call) as string]),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  Select: ({ builder, name }) => builder.op("Where", [name("condition"), name("t"), name("e")]),
  Square: composed(({ builder }, x) => builder.op("Mul", [x, x])),
  SquaredDifference: composed(({ builder }, a, b) => {
    const difference = builder.op("Sub", [a, b]);
    return builder.op("Mul", [difference, difference]);
  }),
  Rsqrt: composed(({ builder }, x) => builder.op("Div", [builder.scalar(1), builder.op("Sqrt", [x])])),
  FloorDiv: composed(floorDivide),
  Mod: composed((call, a, b) => call.builder.op("Sub", [a, call.builder.op("Mul", [b, floorDivide(call, a, b)])])),
  Log1p: composed(log1p),
  Expm1: composed(expm1),
  Step: composed(step),
  Relu6: composed((call, x) => clip(call, x, 0, 6)),
  ClipByValue: composed((call, x) =>
    clip(call, x, call.attrs["clipValueMin"] as number, call.attrs["clipValueMax"] as number),
  ),
  LeakyRelu: composed(({ builder, attrs }, x) =>
    builder.op("LeakyRelu", [x], { alpha: { float: attrs["alpha"] as number } }),
  ),
  Prelu: composed(({ builder }, x, alpha) => builder.op("PRelu", [x, alpha])),
  EluGrad: eluGradient,
  Cast: cast,
  ZerosLike: ({ builder, output }) =>
    builder.op("Expand", [builder.scalar(0, output.dtype), builder.ints(output.shape)]),
  OnesLike: ({ builder, output }) =>
    builder.op("Expand", [builder.scalar(1, output.dtype), builder.ints(output.shape)]),
};
