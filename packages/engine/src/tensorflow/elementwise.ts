/** Arithmetic, comparisons, activations and casts. */
import type { DType, TensorSpec } from "../graph.js";
import { kernelCall } from "../kernel-call.js";
import type { GraphDefBuilder, TensorFlowType } from "./builder.js";
import {
  convert,
  direct,
  each,
  throughIntegers,
  toIntegers,
  type Call,
  type Lowering,
  type LoweringTable,
} from "./lowering.js";

/** `yes` where the condition holds, otherwise `no`. */
export const where = (
  builder: GraphDefBuilder,
  condition: string,
  yes: string,
  no: string,
  T: TensorFlowType = "float32",
): string => builder.op("SelectV2", [condition, yes, no], { T });

export const isNaN = (builder: GraphDefBuilder, x: string): string => builder.op("IsNan", [x], { T: "float32" });

/**
 * Runs operations that support only floating point. Results are truncated; a boolean is true if the
 * truncated number is not zero.
 */
export const inFloats =
  (lowering: Lowering): Lowering =>
  (call) => {
    const { builder, node, inputs, specs, output } = call;
    if (specs.every(({ dtype }) => dtype === "float32")) return lowering(call);
    const float = <S extends TensorSpec>(spec: S): S => ({ ...spec, dtype: "float32" });
    const floats = inputs.map((x, i) => convert(builder, x, specs[i]!.dtype, "float32"));
    const result = lowering(kernelCall(builder, node, floats, specs.map(float), float(output))) as string;
    const integers = output.dtype === "bool" ? "int32" : output.dtype;
    return convert(builder, convert(builder, result, "float32", integers), integers, output.dtype);
  };

/** An operation of `a` and `b`, of one type `T`. */
const paired =
  (op: string): Lowering =>
  ({ builder, name, spec }) =>
    builder.op(op, [name("a"), name("b")], { T: spec("a").dtype });

/** A predicate of a real number. */
const asks =
  (op: string): Lowering =>
  ({ builder, inputs, specs }) =>
    builder.op(op, [convert(builder, inputs[0]!, specs[0]!.dtype, "float32")], { T: "float32" });

/**
 * A formula on integers in double precision, where it is exact, with a truncated result.
 * TensorFlow's own integer operations fail on a division by zero.
 */
const inDoubles =
  (op: string): Lowering =>
  ({ builder, name, spec, output }) => {
    const [a, b] = ["a", "b"].map((operand) => builder.cast(name(operand), spec(operand).dtype, "float64"));
    const integers = toIntegers(builder, builder.op(op, [a!, b!], { T: "float64" }), "float64");
    return convert(builder, integers, "int32", output.dtype);
  };

/** `op` for real numbers, and `onIntegers` in double precision for others. */
const arithmetic =
  (op: string, onIntegers = op): Lowering =>
  (call) =>
    call.output.dtype === "float32" ? paired(op)(call) : inDoubles(onIntegers)(call);

/** ⌊a / b⌋ as an integer. */
const floorDivide: Lowering = ({ builder, name, spec }) => {
  const [a, b] = ["a", "b"].map((operand) => builder.cast(name(operand), spec(operand).dtype, "float64"));
  const quotient = builder.op("RealDiv", [a!, b!], { T: "float64" });
  return toIntegers(builder, builder.op("Floor", [quotient], { T: "float64" }), "float64");
};

const choose = ({ builder, output }: Call, condition: string, yes: string, no: string): string =>
  where(builder, condition, yes, no, output.dtype);

const compare = ({ builder, specs }: Call, op: string, x: string, y: string): string =>
  builder.op(op, [x, y], { T: specs[0]!.dtype });

/** Comparisons order false before true. */
const comparison =
  (op: string): Lowering =>
  ({ builder, name, spec }) => {
    const dtype = spec("a").dtype === "bool" ? "int32" : spec("a").dtype;
    const operands = ["a", "b"].map((operand) => convert(builder, name(operand), spec(operand).dtype, dtype));
    return builder.op(op, operands, { T: dtype });
  };

/** The sign. A value neither above nor below zero is returned itself: a zero, or NaN. */
const sign: Lowering = (call) => {
  const { builder, inputs, output } = call;
  const [zero, one, minusOne] = [0, 1, -1].map((value) => builder.scalar(value, output.dtype));
  const ofOthers = choose(call, compare(call, "Less", inputs[0]!, zero!), minusOne!, inputs[0]!);
  return choose(call, compare(call, "Greater", inputs[0]!, zero!), one!, ofOthers);
};

/** Integers are round already. The library's own rounding would turn them into zeros. */
const round: Lowering = (call) => (call.output.dtype === "float32" ? direct("Round")(call) : call.inputs[0]!);

/** dy where y >= 0, otherwise dy (y + 1). */
const eluGradient: Lowering = ({ builder, name }) => {
  const [dy, y] = [name("dy"), name("y")];
  const raised = builder.op("AddV2", [y, builder.scalar(1)], { T: "float32" });
  const below = builder.op("Mul", [dy, raised], { T: "float32" });
  return where(builder, builder.op("GreaterEqual", [y, builder.scalar(0)], { T: "float32" }), dy, below);
};

/** 1 where x > 0, NaN where x is NaN, otherwise α. */
const step: Lowering = (call) => {
  const { builder, inputs, attrs, output } = call;
  const constant = (value: number): string => builder.scalar(value, output.dtype);
  const below = constant((attrs["alpha"] ?? 0) as number);
  const stepped = choose(call, compare(call, "Greater", inputs[0]!, constant(0)), constant(1), below);
  if (output.dtype !== "float32") return stepped;
  return choose(call, isNaN(builder, inputs[0]!), inputs[0]!, stepped);
};

const clip: Lowering = ({ builder, inputs, attrs, output: { dtype } }) => {
  const bound = (name: string): string => builder.scalar(attrs[name] as number, dtype);
  const below = builder.op("Minimum", [inputs[0]!, bound("clipValueMax")], { T: dtype });
  return builder.op("Maximum", [below, bound("clipValueMin")], { T: dtype });
};

/** x where x >= 0, otherwise α x. */
const prelu: Lowering = (call) => {
  const { builder, name } = call;
  const scaled = builder.op("Mul", [name("x"), name("alpha")], { T: "float32" });
  return choose(call, compare(call, "Less", name("x"), builder.scalar(0)), scaled, name("x"));
};

/** Selects by the condition. Both branches are converted to the type of the result. */
const select: Lowering = (call) => {
  const { builder, name, spec, output } = call;
  const side = (input: string): string => convert(builder, name(input), spec(input).dtype, output.dtype);
  return choose(call, name("condition"), side("t"), side("e"));
};

export const elementwise: LoweringTable = {
  ...each(
    "Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor Log Log1p Reciprocal Rsqrt Selu Sigmoid Sin Sinh Softplus " +
      "Sqrt Tan Tanh",
    (name) => inFloats(direct(name)),
  ),
  ...each("Abs Neg Relu Relu6 Square", (name) => throughIntegers(direct(name))),
  ...each("ZerosLike OnesLike", direct),
  ...each("IsNan IsInf IsFinite", asks),
  Round: round,
  Atan2: inFloats(paired("Atan2")),
  BitwiseAnd: paired("BitwiseAnd"),
  ...each("Sub Maximum Minimum SquaredDifference", (name) => throughIntegers(paired(name))),
  ...each("Equal NotEqual", paired),
  ...each("Greater GreaterEqual Less LessEqual", comparison),
  Add: throughIntegers(paired("AddV2")),
  Multiply: throughIntegers(paired("Mul")),
  AddN: throughIntegers(({ builder, inputs, specs }) =>
    builder.op("AddN", inputs, { N: inputs.length, T: specs[0]!.dtype }),
  ),
  RealDiv: arithmetic("RealDiv"),
  Pow: throughIntegers(arithmetic("Pow")),
  Mod: arithmetic("FloorMod"),
  FloorDiv: floorDivide,
  ...each(
    "LogicalAnd LogicalOr LogicalNot",
    (name) =>
      ({ builder, inputs }) =>
        builder.op(name, inputs),
  ),
  Sign: throughIntegers(sign),
  Step: throughIntegers(step),
  ClipByValue: throughIntegers(clip),
  LeakyRelu: inFloats(({ builder, inputs, attrs }) =>
    builder.op("LeakyRelu", inputs, { T: "float32", alpha: { float: attrs["alpha"] as number } }),
  ),
  LeakyReluGrad: ({ builder, name, attrs }) =>
    builder.op("LeakyReluGrad", [name("dy"), name("y")], { T: "float32", alpha: { float: attrs["alpha"] as number } }),
  ReluGrad: (call) =>
    choose(
      call,
      compare(call, "LessEqual", call.name("y"), call.builder.scalar(0)),
      call.builder.scalar(0),
      call.name("dy"),
    ),
  Prelu: inFloats(prelu),
  EluGrad: eluGradient,
  Select: select,
  Cast: ({ builder, inputs, specs, attrs }) => convert(builder, inputs[0]!, specs[0]!.dtype, attrs["dtype"] as DType),
};
