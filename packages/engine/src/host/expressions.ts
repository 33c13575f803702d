/**
 * Kernels that act entry by entry, as JavaScript expressions of the entries.
 *
 * Numbers are doubles, and whole numbers may have a fraction until they are rounded (`rounding.ts`).
 * Booleans are 0 and 1.
 */
import type { GraphNode } from "../graph.js";

type Attrs = GraphNode["attrs"];

/** The expression of an entry of the result, from those of its inputs. They may be used twice. */
export type Expression = (inputs: readonly string[], attrs: Attrs) => string;

const call =
  (name: string): Expression =>
  (inputs) =>
    `${name}(${inputs.join(", ")})`;

const calls = (names: string, prefix: string): Record<string, Expression> =>
  Object.fromEntries(names.split(" ").map((name) => [name, call(`${prefix}${name.toLowerCase()}`)]));

const operator =
  (sign: string): Expression =>
  ([a, b]) =>
    `(${a} ${sign} ${b})`;

/** A comparison or test: 1 or 0. */
const flag =
  (sign: string): Expression =>
  ([a, b]) =>
    `(${a} ${sign} ${b} ? 1 : 0)`;

/** Functions that {@link helpers} hold, by the name of their kernel. */
const helped = (names: string): Record<string, Expression> =>
  Object.fromEntries(names.split(" ").map((name) => [name, call(`h.${name}`)]));

export const expressions: Readonly<Record<string, Expression>> = {
  ...calls(
    "Abs Acos Acosh Asin Asinh Atan Atanh Atan2 Ceil Cos Cosh Exp Expm1 Floor Log Log1p Sin Sinh Sqrt Tan Tanh",
    "Math.",
  ),
  ...helped("Erf Elu Selu Softplus Sigmoid Round Sign Pow Mod EluGrad"),
  Neg: ([x]) => `(-${x})`,
  Reciprocal: ([x]) => `(1 / ${x})`,
  Rsqrt: ([x]) => `(1 / Math.sqrt(${x}))`,
  Square: ([x]) => `(${x} * ${x})`,
  Relu: ([x]) => `Math.max(0, ${x})`,
  Relu6: ([x]) => `Math.min(6, Math.max(0, ${x}))`,
  ClipByValue: ([x], { clipValueMin, clipValueMax }) =>
    `Math.min(${literal(clipValueMax as number)}, Math.max(${literal(clipValueMin as number)}, ${x}))`,
  LeakyRelu: ([x], { alpha }) => `(${x} < 0 ? ${literal(alpha as number)} * ${x} : ${x})`,
  Prelu: ([x, alpha]) => `(${x} < 0 ? ${alpha} * ${x} : ${x})`,
  Step: ([x], { alpha }) => `(${x} > 0 ? 1 : ${x} <= 0 ? ${literal((alpha as number | undefined) ?? 0)} : ${x})`,
  Add: operator("+"),
  Sub: operator("-"),
  Multiply: operator("*"),
  RealDiv: operator("/"),
  FloorDiv: ([a, b]) => `Math.floor(${a} / ${b})`,
  Maximum: call("Math.max"),
  Minimum: call("Math.min"),
  SquaredDifference: ([a, b]) => `((${a} - ${b}) * (${a} - ${b}))`,
  AddN: (inputs) => `(${inputs.join(" + ")})`,
  Equal: flag("==="),
  NotEqual: flag("!=="),
  Greater: flag(">"),
  GreaterEqual: flag(">="),
  Less: flag("<"),
  LessEqual: flag("<="),
  LogicalAnd: ([a, b]) => `(${a} !== 0 && ${b} !== 0 ? 1 : 0)`,
  LogicalOr: ([a, b]) => `(${a} !== 0 || ${b} !== 0 ? 1 : 0)`,
  LogicalNot: ([x]) => `(${x} !== 0 ? 0 : 1)`,
  IsNan: ([x]) => `(${x} !== ${x} ? 1 : 0)`,
  IsInf: ([x]) => `(Math.abs(${x}) === Infinity ? 1 : 0)`,
  IsFinite: ([x]) => `(Number.isFinite(${x}) ? 1 : 0)`,
  Select: ([condition, t, e]) => `(${condition} !== 0 ? ${t} : ${e})`,
  Cast: ([x], { dtype }) => (dtype === "bool" ? `(${x} !== 0 ? 1 : 0)` : x!),
};

const binary = (
  "Add Sub Multiply RealDiv FloorDiv Mod Pow Atan2 Maximum Minimum SquaredDifference Equal NotEqual Greater GreaterEqual Less " +
  "LessEqual LogicalAnd LogicalOr"
).split(" ");

/** Names of the inputs of kernels, in the order of their expressions. */
export const inputOrder: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(binary.map((kernel) => [kernel, ["a", "b"]])),
  Select: ["condition", "t", "e"],
  EluGrad: ["dy", "y"],
  Prelu: ["x", "alpha"],
};

/** Kernels that cost about as much as ten additions. */
export const costly = new Set(
  "Acos Acosh Asin Asinh Atan Atanh Atan2 Cos Cosh Exp Expm1 Log Log1p Pow Sin Sinh Tan Tanh Erf Elu Selu Softplus Sigmoid".split(
    " ",
  ),
);

/** A number as source text. */
export const literal = (value: number): string =>
  Object.is(value, -0) ? "(-0)" : value < 0 ? `(${value})` : String(value);
