/** Arithmetic, comparisons, activations and casts. Composite forms are chosen to stay accurate near zero. */
import type { Call, Lowering, LoweringTable } from "./lowering.js";
import type { DType } from "../graph.js";
import { convert, DOUBLE, throughDoubles, throughIntegers } from "./types.js";

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

/** a / b: integers are divided in double precision, because ONNX truncates and dies of a division by zero. */
const divide = (call: Call, a: string, b: string): string => {
  const quotient = (x: string, y: string): string => call.builder.op("Div", [x, y]);
  return call.output.dtype === "float32" ? quotient(a, b) : throughDoubles(call, [a, b], quotient);
};

const floorDivide = (call: Call, a: string, b: string): string =>
  throughDoubles(call, [a, b], (x, y) => call.builder.op("Floor", [call.builder.op("Div", [x, y])]));

/** The remainder with the sign of the divisor: r = fmod(a, b) where a and b have one sign, else fmod(r + b, b). */
const modulo = (call: Call, a: string, b: string): string => {
  const { builder, output } = call;
  const remainder = (x: string, y: string): string => builder.op("Mod", [x, y], { fmod: 1 });
  const formula =
    (zero: string) =>
    (x: string, y: string): string => {
      const rest = remainder(x, y);
      const sameSign = builder.op("Equal", [builder.op("Less", [x, zero]), builder.op("Less", [y, zero])]);
      return builder.op("Where", [sameSign, rest, remainder(builder.op("Add", [rest, y]), y)]);
    };
  const zero = builder.scalar(0);
  if (output.dtype === "float32") return formula(zero)(a, b);
  return throughDoubles(call, [a, b], formula(builder.op("Cast", [zero], { to: DOUBLE })));
};

/** The angle of the point (x, y), from atan(y / |x|) turned around where x < 0; NaN where both are infinite. */
const angle = ({ builder }: Call, y: string, x: string): string => {
  const [zero, pi, minusPi] = [builder.scalar(0), builder.scalar(Math.PI), builder.scalar(-Math.PI)];
  const right = builder.op("Atan", [builder.op("Div", [y, builder.op("Abs", [x])])]);
  const turn = builder.op("Where", [builder.op("Less", [y, zero]), minusPi, pi]);
  const turned = builder.op("Where", [builder.op("Less", [x, zero]), builder.op("Sub", [turn, right]), right]);
  const atOrigin = builder.op("And", [builder.op("Equal", [x, zero]), builder.op("Equal", [y, zero])]);
  return builder.op("Where", [atOrigin, zero, turned]);
};

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

/** 0 where x is NaN, as TensorFlow.js has it. */
const sign: Lowering = ({ builder, inputs, output }) => {
  const [zero, x] = [builder.scalar(0, output.dtype), inputs[0]!];
  const ofNegative = builder.op("Where", [builder.op("Less", [x, zero]), builder.scalar(-1, output.dtype), zero]);
  return builder.op("Where", [builder.op("Greater", [x, zero]), builder.scalar(1, output.dtype), ofNegative]);
};

const cast: Lowering = ({ builder, inputs, specs, attrs }) =>
  convert(builder, inputs[0]!, specs[0]!.dtype, attrs["dtype"] as DType);

/** The condition chooses; both sides take the type of the result. */
const select: Lowering = ({ builder, name, spec, output }) => {
  const known = output.dtype === "bool" ? "int32" : output.dtype;
  const side = (input: string): string => convert(builder, name(input), spec(input).dtype, known);
  return convert(builder, builder.op("Where", [name("condition"), side("t"), side("e")]), known, output.dtype);
};

const inFloats =
  (formula: (call: Call, x: string) => string): Lowering =>
  (call) =>
    formula(call, convert(call.builder, call.inputs[0]!, call.specs[0]!.dtype, "float32"));

/** As the gradient of ELU in TensorFlow.js: dy where y >= 0, else dy (y + 1). */
const eluGradient: Lowering = ({ builder, name }) => {
  const [dy, y] = [name("dy"), name("y")];
  const below = builder.op("Mul", [dy, builder.op("Add", [y, builder.scalar(1)])]);
  return builder.op("Where", [builder.op("GreaterOrEqual", [y, builder.scalar(0)]), dy, below]);
};

export const elementwise: LoweringTable = {
  ...each(
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Floor Log Neg Reciprocal Relu Round Sigmoid Sin Sinh Sqrt Tan Tanh",
    direct,
  ),
  ...each("Elu Selu Softplus BitwiseAnd", direct),
  ...each("Add Sub Pow", (name) => throughIntegers(direct(name))),
  Multiply: throughIntegers(direct("Mul")),
  RealDiv: composed(divide),
  Maximum: throughIntegers(direct("Max")),
  Minimum: throughIntegers(direct("Min")),
  AddN: throughIntegers(({ builder, inputs }) => inputs.reduce((sum, x) => builder.op("Add", [sum, x]))),
  LogicalNot: direct("Not"),
  LogicalAnd: direct("And"),
  LogicalOr: direct("Or"),
  IsNan: direct("IsNaN"),
  IsInf: direct("IsInf"),
  IsFinite: composed(({ builder }, x) =>
    builder.op("Not", [builder.op("Or", [builder.op("IsInf", [x]), builder.op("IsNaN", [x])])]),
  ),
  Equal: direct("Equal"),
  NotEqual: composed(({ builder }, a, b) => builder.op("Not", [builder.op("Equal", [a, b])])),
  Greater: throughIntegers(direct("Greater")),
  GreaterEqual: throughIntegers(direct("GreaterOrEqual")),
  Less: throughIntegers(direct("Less")),
  LessEqual: throughIntegers(direct("LessOrEqual")),
  Select: select,
  Square: composed(({ builder }, x) => builder.op("Mul", [x, x])),
  SquaredDifference: composed(({ builder }, a, b) => {
    const difference = builder.op("Sub", [a, b]);
    return builder.op("Mul", [difference, difference]);
  }),
  Rsqrt: composed(({ builder }, x) => builder.op("Div", [builder.scalar(1), builder.op("Sqrt", [x])])),
  FloorDiv: composed(floorDivide),
  Mod: composed(modulo),
  Atan2: composed(angle),
  Log1p: composed(log1p),
  Expm1: composed(expm1),
  Sign: sign,
  Step: composed(step),
  Relu6: composed((call, x) => clip(call, x, 0, 6)),
  ClipByValue: composed((call, x) =>
    clip(call, x, call.attrs["clipValueMin"] as number, call.attrs["clipValueMax"] as number),
  ),
  LeakyRelu: inFloats(({ builder, attrs }, x) =>
    builder.op("LeakyRelu", [x], { alpha: { float: attrs["alpha"] as number } }),
  ),
  Prelu: inFloats(({ builder, name }, x) => builder.op("PRelu", [x, name("alpha")])),
  EluGrad: eluGradient,
  Cast: cast,
  ZerosLike: ({ builder, output }) =>
    builder.op("Expand", [builder.scalar(0, output.dtype), builder.ints(output.shape)]),
  OnesLike: ({ builder, output }) =>
    builder.op("Expand", [builder.scalar(1, output.dtype), builder.ints(output.shape)]),
};
