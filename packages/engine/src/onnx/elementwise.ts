/**
 * Arithmetic, comparisons, activations and casts. Composite formulas are chosen to be accurate near
 * zero.
 */
import type { Call, Lowering, LoweringTable } from "./lowering.js";
import type { DType } from "../graph.js";
import { convert, DOUBLE, throughDoubles, throughFloats, throughIntegers } from "./types.js";

const direct =
  (opType: string): Lowering =>
  ({ builder, inputs }) =>
    builder.op(opType, inputs);

const each = (names: string, make: (name: string) => Lowering): LoweringTable =>
  Object.fromEntries(names.split(" ").map((name) => [name, make(name)]));

/** An operator of `a` and `b`. */
const paired =
  (opType: string): Lowering =>
  ({ builder, name }) =>
    builder.op(opType, [name("a"), name("b")]);

const composed =
  (formula: (call: Call, x: string) => string): Lowering =>
  (call) =>
    formula(call, call.inputs[0]!);

const composedPair =
  (formula: (call: Call, a: string, b: string) => string): Lowering =>
  (call) =>
    formula(call, call.name("a"), call.name("b"));

/**
 * a / b. Integers are divided in double precision, because ONNX truncates and crashes on a division
 * by zero.
 */
const divide = (call: Call, a: string, b: string): string => {
  const quotient = (x: string, y: string): string => call.builder.op("Div", [x, y]);
  return call.output.dtype === "float32" ? quotient(a, b) : throughDoubles(call, [a, b], quotient);
};

const floorDivide = (call: Call, a: string, b: string): string =>
  throughDoubles(call, [a, b], (x, y) => call.builder.op("Floor", [call.builder.op("Div", [x, y])]));

/**
 * The remainder with the sign of the divisor: r = fmod(a, b), or r + b where r is not 0 and b has
 * the other sign.
 */
const modulo = (call: Call, a: string, b: string): string => {
  const { builder, output } = call;
  const formula =
    (zero: string) =>
    (x: string, y: string): string => {
      const rest = builder.op("Mod", [x, y], { fmod: 1 });
      const sign = builder.op("Xor", [builder.op("Less", [rest, zero]), builder.op("Less", [y, zero])]);
      const other = builder.op("And", [sign, builder.op("Not", [builder.op("Equal", [rest, zero])])]);
      return builder.op("Where", [other, builder.op("Add", [rest, y]), rest]);
    };
  const zero = builder.scalar(0);
  if (output.dtype === "float32") return formula(zero)(a, b);
  return throughDoubles(call, [a, b], formula(builder.op("Cast", [zero], { to: DOUBLE })));
};

/**
 * The angle of the point (x, y), from atan(y / |x|), reflected for negative x.
 *
 * Where that quotient is undefined, the limits of C apply: y itself at the origin, and the diagonal
 * where both are infinite. The signs of zeros count; their reciprocals tell them.
 */
const angle = ({ builder }: Call, y: string, x: string): string => {
  const zero = builder.scalar(0);
  const both = (op: string): string => builder.op("And", [builder.op(op, [x]), builder.op(op, [y])]);
  const isNegative = (v: string): string =>
    builder.op("Or", [builder.op("Less", [v, zero]), builder.op("Less", [builder.op("Reciprocal", [v]), zero])]);
  const signed = (number: number): string =>
    builder.op("Where", [isNegative(y), builder.scalar(-number), builder.scalar(number)]);
  const atOrigin = builder.op("And", [builder.op("Equal", [x, zero]), builder.op("Equal", [y, zero])]);
  const beside = builder.op("Where", [
    both("IsInf"),
    signed(Math.PI / 4),
    builder.op("Atan", [builder.op("Div", [y, builder.op("Abs", [x])])]),
  ]);
  const right = builder.op("Where", [atOrigin, y, beside]);
  return builder.op("Where", [isNegative(x), builder.op("Sub", [signed(Math.PI), right]), right]);
};

const clip = ({ builder, output }: Call, x: string, low: number, high: number): string =>
  builder.op("Clip", [x, builder.scalar(low, output.dtype), builder.scalar(high, output.dtype)]);

const step = ({ builder, attrs, output }: Call, x: string): string => {
  const [zero, one] = [builder.scalar(0, output.dtype), builder.scalar(1, output.dtype)];
  const below = builder.scalar((attrs["alpha"] ?? 0) as number, output.dtype);
  const stepped = builder.op("Where", [builder.op("Greater", [x, zero]), one, below]);
  return output.dtype === "float32" ? builder.op("Where", [builder.op("IsNaN", [x]), x, stepped]) : stepped;
};

/**
 * log(1 + x) = log(u) x / (u - 1) with u the rounded 1 + x, exact where u rounds to 1 (Goldberg
 * 1991).
 */
const log1p = ({ builder }: Call, x: string): string => {
  const one = builder.scalar(1);
  const u = builder.op("Add", [x, one]);
  const ratio = builder.op("Div", [builder.op("Mul", [builder.op("Log", [u]), x]), builder.op("Sub", [u, one])]);
  const rounded = builder.op("Or", [builder.op("Equal", [u, one]), builder.op("Equal", [u, builder.scalar(Infinity)])]);
  return builder.op("Where", [rounded, x, ratio]);
};

/** exp(x) - 1 = tanh(x/2) (exp(x) + 1) near zero, and the difference elsewhere. */
const expm1 = ({ builder }: Call, x: string): string => {
  const [one, half] = [builder.scalar(1), builder.scalar(0.5)];
  const e = builder.op("Exp", [x]);
  const near = builder.op("Mul", [builder.op("Tanh", [builder.op("Mul", [x, half])]), builder.op("Add", [e, one])]);
  const isNear = builder.op("Less", [builder.op("Abs", [x]), one]);
  return builder.op("Where", [isNear, near, builder.op("Sub", [e, one])]);
};

/** The sign. A value neither above nor below zero is returned itself: a zero, or NaN. */
const sign: Lowering = ({ builder, inputs, output }) => {
  const [zero, x] = [builder.scalar(0, output.dtype), inputs[0]!];
  const ofOthers = builder.op("Where", [builder.op("Less", [x, zero]), builder.scalar(-1, output.dtype), x]);
  return builder.op("Where", [builder.op("Greater", [x, zero]), builder.scalar(1, output.dtype), ofOthers]);
};

/** Integers are round already. */
const round: Lowering = ({ builder, inputs, output }) =>
  output.dtype === "float32" ? builder.op("Round", [inputs[0]!]) : inputs[0]!;

const cast: Lowering = ({ builder, inputs, specs, attrs }) =>
  convert(builder, inputs[0]!, specs[0]!.dtype, attrs["dtype"] as DType);

/** Selects by the condition. Both branches are converted to the type of the result. */
const select: Lowering = ({ builder, name, spec, output }) => {
  const known = output.dtype === "bool" ? "int32" : output.dtype;
  const side = (input: string): string => convert(builder, name(input), spec(input).dtype, known);
  return convert(builder, builder.op("Where", [name("condition"), side("t"), side("e")]), known, output.dtype);
};

/** A predicate of a real number. */
const asks = (question: (call: Call, x: string) => string): Lowering =>
  composed((call, x) => question(call, convert(call.builder, x, call.specs[0]!.dtype, "float32")));

/** The gradient of ELU as TensorFlow.js defines it: dy where y >= 0, otherwise dy (y + 1). */
const eluGradient: Lowering = ({ builder, name }) => {
  const [dy, y] = [name("dy"), name("y")];
  const below = builder.op("Mul", [dy, builder.op("Add", [y, builder.scalar(1)])]);
  return builder.op("Where", [builder.op("GreaterOrEqual", [y, builder.scalar(0)]), dy, below]);
};

export const elementwise: LoweringTable = {
  ...each(
    "Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Floor Log Reciprocal Selu Sigmoid Sin Sinh Softplus Sqrt Tan Tanh",
    (name) => throughFloats(direct(name)),
  ),
  ...each("Abs Neg Relu", (name) => throughIntegers(direct(name))),
  Round: round,
  BitwiseAnd: paired("BitwiseAnd"),
  ...each("Add Sub Pow", (name) => throughIntegers(paired(name))),
  Multiply: throughIntegers(paired("Mul")),
  RealDiv: composedPair(divide),
  Maximum: throughIntegers(paired("Max")),
  Minimum: throughIntegers(paired("Min")),
  AddN: throughIntegers(({ builder, inputs }) => inputs.reduce((sum, x) => builder.op("Add", [sum, x]))),
  LogicalNot: direct("Not"),
  LogicalAnd: paired("And"),
  LogicalOr: paired("Or"),
  IsNan: asks(({ builder }, x) => builder.op("IsNaN", [x])),
  IsInf: asks(({ builder }, x) => builder.op("IsInf", [x])),
  IsFinite: asks(({ builder }, x) => builder.op("Less", [builder.op("Abs", [x]), builder.scalar(Infinity)])),
  Equal: paired("Equal"),
  NotEqual: composedPair(({ builder }, a, b) => builder.op("Not", [builder.op("Equal", [a, b])])),
  Greater: throughIntegers(paired("Greater")),
  GreaterEqual: throughIntegers(paired("GreaterOrEqual")),
  Less: throughIntegers(paired("Less")),
  LessEqual: throughIntegers(paired("LessOrEqual")),
  Select: select,
  Square: throughIntegers(composed(({ builder }, x) => builder.op("Mul", [x, x]))),
  SquaredDifference: throughIntegers(
    composedPair(({ builder }, a, b) => {
      const difference = builder.op("Sub", [a, b]);
      return builder.op("Mul", [difference, difference]);
    }),
  ),
  Rsqrt: throughFloats(composed(({ builder }, x) => builder.op("Reciprocal", [builder.op("Sqrt", [x])]))),
  FloorDiv: composedPair(floorDivide),
  Mod: composedPair(modulo),
  Atan2: throughFloats(composedPair(angle)),
  Log1p: throughFloats(composed(log1p)),
  Expm1: throughFloats(composed(expm1)),
  Sign: throughIntegers(sign),
  Step: throughIntegers(composed(step)),
  Relu6: throughIntegers(composed((call, x) => clip(call, x, 0, 6))),
  ClipByValue: throughIntegers(
    composed((call, x) => clip(call, x, call.attrs["clipValueMin"] as number, call.attrs["clipValueMax"] as number)),
  ),
  LeakyRelu: throughFloats(
    composed(({ builder, attrs }, x) => builder.op("LeakyRelu", [x], { alpha: { float: attrs["alpha"] as number } })),
  ),
  Prelu: throughFloats(({ builder, name }) => builder.op("PRelu", [name("x"), name("alpha")])),
  EluGrad: eluGradient,
  Cast: cast,
  ZerosLike: ({ builder, output }) =>
    builder.op("Expand", [builder.scalar(0, output.dtype), builder.ints(output.shape)]),
  OnesLike: ({ builder, output }) =>
    builder.op("Expand", [builder.scalar(1, output.dtype), builder.ints(output.shape)]),
};
