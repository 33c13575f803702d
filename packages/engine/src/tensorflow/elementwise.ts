/** Arithmetic, comparisons, activations and casts. */
import type { DType } from "../graph.js";
import {
  convert,
  direct,
  each,
  through,
  throughIntegers,
  toIntegers,
  type Call,
  type Lowering,
  type LoweringTable,
} from "./lowering.js";

const inFloats = through("int32", "float32");

/** A formula on integers in double precision, where it is exact, truncated; TensorFlow's own integers fail to divide by zero. */
const inDoubles =
  (op: string): Lowering =>
  ({ builder, inputs, specs }) => {
    const [a, b] = inputs.map((x, i) => builder.cast(x, specs[i]!.dtype, "float64"));
    return toIntegers(builder, builder.op(op, [a!, b!], { T: "float64" }), "float64");
  };

/** `op` for real numbers, and `onIntegers` in double precision for others. */
const arithmetic =
  (op: string, onIntegers = op): Lowering =>
  (call) =>
    call.output.dtype === "float32" ? direct(op)(call) : inDoubles(onIntegers)(call);

/** ⌊a / b⌋ as an integer. */
const floorDivide: Lowering = ({ builder, inputs, specs }) => {
  const [a, b] = inputs.map((x, i) => builder.cast(x, specs[i]!.dtype, "float64"));
  const quotient = builder.op("RealDiv", [a!, b!], { T: "float64" });
  return toIntegers(builder, builder.op("Floor", [quotient], { T: "float64" }), "float64");
};

const choose = ({ builder, output }: Call, condition: string, yes: string, no: string): string =>
  builder.op("SelectV2", [condition, yes, no], { T: output.dtype });

const compare = ({ builder, specs }: Call, op: string, x: string, y: string): string =>
  builder.op(op, [x, y], { T: specs[0]!.dtype });

/** In order, false comes before true. */
const comparison =
  (op: string): Lowering =>
  ({ builder, inputs, specs }) => {
    const dtype = specs[0]!.dtype === "bool" ? "int32" : specs[0]!.dtype;
    const operands = inputs.map((x, i) => convert(builder, x, specs[i]!.dtype, dtype));
    return builder.op(op, operands, { T: dtype });
  };

/** 0 where x is NaN, as TensorFlow.js has it. */
const sign: Lowering = (call) => {
  const { builder, inputs, output } = call;
  const [zero, one, minusOne] = [0, 1, -1].map((value) => builder.scalar(value, output.dtype));
  const ofNegative = choose(call, compare(call, "Less", inputs[0]!, zero!), minusOne!, zero!);
  return choose(call, compare(call, "Greater", inputs[0]!, zero!), one!, ofNegative);
};

/** 1 where x > 0, α where it is not, NaN where x is. */
const step: Lowering = (call) => {
  const { builder, inputs, attrs, output } = call;
  const constant = (value: number): string => builder.scalar(value, output.dtype);
  const below = constant((attrs["alpha"] ?? 0) as number);
  const stepped = choose(call, compare(call, "Greater", inputs[0]!, constant(0)), constant(1), below);
  if (output.dtype !== "float32") return stepped;
  return choose(call, builder.op("IsNan", [inputs[0]!], { T: "float32" }), inputs[0]!, stepped);
};

const clip: Lowering = ({ builder, inputs, attrs, output: { dtype } }) => {
  const bound = (name: string): string => builder.scalar(attrs[name] as number, dtype);
  const below = builder.op("Minimum", [inputs[0]!, bound("clipValueMax")], { T: dtype });
  return builder.op("Maximum", [below, bound("clipValueMin")], { T: dtype });
};

/** x where x >= 0, else α x. */
const prelu: Lowering = (call) => {
  const { builder, name } = call;
  const scaled = builder.op("Mul", [name("x"), name("alpha")], { T: "float32" });
  return choose(call, compare(call, "Less", name("x"), builder.scalar(0)), scaled, name("x"));
};

/** The condition chooses; both sides take the type of the result. */
const select: Lowering = (call) => {
  const { builder, name, spec, output } = call;
  const side = (input: string): string => convert(builder, name(input), spec(input).dtype, output.dtype);
  return choose(call, name("condition"), side("t"), side("e"));
};

export const elementwise: LoweringTable = {
  ...each(
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Expm1 Floor Log Log1p Neg Reciprocal Relu Relu6 Round Rsqrt Selu " +
      "Sigmoid Sin Sinh Softplus Sqrt Square Tan Tanh Elu Atan2 BitwiseAnd IsNan IsInf IsFinite ZerosLike OnesLike",
    direct,
  ),
  ...each("Sub Maximum Minimum SquaredDifference", (name) => throughIntegers(direct(name))),
  ...each("Equal NotEqual", direct),
  ...each("Greater GreaterEqual Less LessEqual", comparison),
  Add: throughIntegers(direct("AddV2")),
  Multiply: throughIntegers(direct("Mul")),
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
  Sign: sign,
  Step: step,
  ClipByValue: clip,
  LeakyRelu: inFloats(({ builder, inputs, attrs }) =>
    builder.op("LeakyRelu", inputs, { T: "float32", alpha: { float: attrs["alpha"] as number } }),
  ),
  LeakyReluGrad: ({ builder, name, attrs }) =>
    builder.op("LeakyReluGrad", [name("dy"), name("y")], { T: "float32", alpha: { float: attrs["alpha"] as number } }),
  Prelu: inFloats(prelu),
  EluGrad: ({ builder, name }) => builder.op("EluGrad", [name("dy"), name("y")], { T: "float32" }),
  Select: select,
  Cast: ({ builder, inputs, specs, attrs }) => convert(builder, inputs[0]!, specs[0]!.dtype, attrs["dtype"] as DType),
};
