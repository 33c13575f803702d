/** Arithmetic, comparison, logic, activations and casts. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe } from "vitest";
import {
  booleans,
  broadcastPair,
  check,
  exactly,
  inside,
  integers,
  normal,
  onShapes,
  positive,
  shapeOf,
  type Case,
  type Draw,
  type Problem,
} from "./kernel-cases.js";

type Domain = (shape: readonly number[]) => Draw;
const unary = (name: string, fn: (x: tf.Tensor) => tf.Tensor, domain: Domain, options: Partial<Problem> = {}): Case => [
  name,
  onShapes((shape) => ({ fn, inputs: [domain(shape)], ...options })),
];
const above =
  (least: number): Domain =>
  (shape) =>
  (key) =>
    tf.tidy(() => tf.add(positive(shape)(key), least));
const scaled =
  (factor: number): Domain =>
  (shape) =>
  (key) =>
    tf.tidy(() => tf.mul(normal(shape)(key), factor));
const values = { differentiable: false };

const smooth = ["abs", "cos", "cosh", "elu", "erf", "exp", "expm1", "neg", "relu", "relu6", "selu", "sigmoid"] as const;
const more = ["sin", "sinh", "softplus", "square", "tan", "tanh", "atan", "asinh"] as const;
const onPositive = ["log", "log1p", "sqrt", "rsqrt", "reciprocal"] as const;
const steps = ["ceil", "floor", "round", "sign", "step", "zerosLike", "onesLike"] as const;

const unaryCases: Case[] = [
  ...[...smooth, ...more].map((name) => unary(name, (x) => tf[name](x), normal)),
  ...onPositive.map((name) => unary(name, (x) => tf[name](x), positive)),
  ...(["asin", "acos", "atanh"] as const).map((name) => unary(name, (x) => tf[name](x), inside)),
  unary("acosh", (x) => tf.acosh(x), above(1)),
  ...steps.map((name) => unary(name, (x) => tf[name](x), scaled(3))),
  unary("log1p near zero", (x) => tf.log1p(x), scaled(1e-5), { tolerance: 1e-6 }),
  unary("expm1 near zero", (x) => tf.expm1(x), scaled(1e-5), { tolerance: 1e-6 }),
  unary("expm1 of large numbers", (x) => tf.expm1(x), scaled(20)),
  unary("logSigmoid", (x) => tf.logSigmoid(x), normal),
  [
    "leakyRelu",
    fc.tuple(shapeOf(1, 3), fc.constantFrom(0.01, 0.2, 1.5)).map(([shape, alpha]) => ({
      fn: (x: tf.Tensor) => tf.leakyRelu(x, alpha),
      inputs: [normal(shape)],
    })),
  ],
  [
    "clipByValue",
    fc.tuple(shapeOf(0, 3), fc.constantFrom([-0.5, 0.7], [0, 1], [-2, -1])).map(([shape, [low, high]]) => ({
      fn: (x: tf.Tensor) => tf.clipByValue(x, low!, high!),
      inputs: [normal(shape)],
    })),
  ],
  [
    "step with a slope",
    onShapes((shape) => ({ fn: (x: tf.Tensor) => tf.step(x, 0.3), inputs: [normal(shape)], ...values })),
  ],
  [
    "prelu",
    onShapes(
      (shape) => ({
        fn: (x: tf.Tensor, alpha: tf.Tensor) => tf.prelu(x, alpha),
        inputs: [normal(shape), normal(shape.slice(-1))],
      }),
      shapeOf(1, 4),
    ),
  ],
];

const arithmetic = ["add", "sub", "mul"] as const;
const picking = ["maximum", "minimum", "squaredDifference"] as const;
const comparisons = ["equal", "notEqual", "greater", "greaterEqual", "less", "lessEqual"] as const;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
const binary = (name: string, fn: Binary, [first, second]: [Domain, Domain], options: Partial<Problem> = {}): Case => [
  name,
  broadcastPair.map(([a, b]) => ({ fn, inputs: [first(a), second(b)], ...options })),
];
const digits =
  (low: number, high: number): Domain =>
  (shape) =>
    integers(shape, low, high);

const binaryCases: Case[] = [
  ...arithmetic.map((name) => binary(name, (a, b) => tf[name](a, b), [normal, normal])),
  ...picking.map((name) => binary(name, (a, b) => tf[name](a, b), [normal, normal])),
  binary("div", (a, b) => tf.div(a, b), [normal, positive]),
  binary("divNoNan", (a, b) => tf.divNoNan(a, tf.relu(b)), [normal, normal], values),
  binary("pow", (a, b) => tf.pow(a, b), [positive, normal]),
  binary("pow of a negative base", (a, b) => tf.pow(a, tf.round(b)), [normal, normal], values),
  binary("mod", (a, b) => tf.mod(a, b), [scaled(5), normal], values),
  binary("floorDiv", (a, b) => tf.floorDiv(a, b), [scaled(5), positive], values),
  binary("atan2", (a, b) => tf.atan2(a, b), [normal, normal]),
  binary("atan2 along the axes", (a, b) => tf.atan2(tf.round(a), tf.round(b)), [normal, normal], values),
  ...comparisons.map((name) => binary(name, (a, b) => tf[name](tf.round(a), tf.round(b)), [normal, normal], values)),
  ...comparisons.map((name) =>
    binary(`${name} of integers`, (a, b) => tf[name](a, b), [digits(-2, 3), digits(-2, 3)], values),
  ),
  ...comparisons.map((name) => binary(`${name} of booleans`, (a, b) => tf[name](a, b), [booleans, booleans], values)),
  ...(["logicalAnd", "logicalOr", "logicalXor"] as const).map((name) =>
    binary(name, (a, b) => tf[name](a, b), [booleans, booleans], values),
  ),
  unary("logicalNot", (x) => tf.logicalNot(x), booleans, values),
  [
    "where",
    broadcastPair.map(([a, b]) => ({
      fn: (x: tf.Tensor, y: tf.Tensor) => tf.where(tf.greater(x, y), tf.mul(x, 2), tf.neg(y)),
      inputs: [normal(a), normal(b)],
    })),
  ],
  binary("where of integers", (a, b) => tf.where(tf.greater(a, b), a, b), [digits(-5, 5), digits(-5, 5)], values),
  binary("where of booleans", (a, b) => tf.where(tf.equal(a, b), a, b), [booleans, booleans], values),
  [
    "addN",
    fc.tuple(shapeOf(0, 3), fc.integer({ min: 1, max: 4 })).map(([shape, n]) => ({
      fn: (...xs: tf.Tensor[]) => tf.addN(xs),
      inputs: Array.from({ length: n }, () => normal(shape)),
    })),
  ],
];

const integerCases: Case[] = [
  ...[...arithmetic, ...picking].map((name) =>
    binary(`${name} of integers`, (a, b) => tf[name](a, b), [digits(-50, 50), digits(-50, 50)], values),
  ),
  binary("div of integers", (a, b) => tf.div(a, b), [digits(-50, 50), digits(1, 9)], values),
  binary("floorDiv of integers", (a, b) => tf.floorDiv(a, b), [digits(-50, 50), digits(-9, 0)], values),
  binary("floorDiv of integers by zero", (a, b) => tf.floorDiv(a, b), [digits(-3, 3), digits(-1, 2)], values),
  binary("mod of integers", (a, b) => tf.mod(a, b), [digits(-50, 50), digits(-9, 0)], values),
  binary("mod of integers by zero", (a, b) => tf.mod(a, b), [digits(-9, 9), digits(-1, 2)], values),
  binary("pow of integers", (a, b) => tf.pow(a, b), [digits(-4, 5), digits(0, 5)], values),
  binary("bitwiseAnd", (a, b) => tf.bitwiseAnd(a, b), [digits(0, 99), digits(0, 99)], values),
  ...(["abs", "neg", "square", "sign", "relu", "zerosLike", "onesLike"] as const).map((name) =>
    unary(`${name} of integers`, (x) => tf[name](x), digits(-9, 9), values),
  ),
  unary("clipByValue of integers", (x) => tf.clipByValue(x, -2, 3), digits(-9, 9), values),
  unary("leakyRelu of integers", (x) => tf.leakyRelu(x, 0.1), digits(-9, 9), values),
];

const dtypes = ["float32", "int32", "bool"] as const;
const sources: Record<(typeof dtypes)[number], Domain> = {
  float32: scaled(3),
  int32: digits(-3, 3),
  bool: booleans,
};
const castCases: Case[] = dtypes.flatMap((from) =>
  dtypes.map((to) => unary(`cast ${from} to ${to}`, (x) => tf.cast(x, to), sources[from], values)),
);

/**
 * Values where specifications differ most: signed zeros, halves, numbers beyond integers,
 * infinities, NaN.
 */
const special = [0, -0, 0.5, -0.5, 1.5, 2.5, -2.5, 1, -1, 1e-30, 3e9, -3e9, 1e20, Infinity, -Infinity, NaN];
const onSpecial = (name: string, fn: (x: tf.Tensor) => tf.Tensor): Case => [
  name,
  fc.constant({ fn, inputs: [exactly(special)], ...values }),
];
const specialCases: Case[] = [
  ...(
    ["abs", "neg", "ceil", "floor", "round", "sign", "step", "relu", "relu6", "square", "sqrt", "reciprocal"] as const
  ).map((name) => onSpecial(name, (x) => tf[name](x))),
  ...(["exp", "log", "log1p", "expm1", "sigmoid", "tanh", "erf", "elu", "selu", "atan", "softplus"] as const).map(
    (name) => onSpecial(name, (x) => tf[name](x)),
  ),
  ...(["isNaN", "isInf", "isFinite"] as const).map((name) => onSpecial(name, (x) => tf[name](x))),
  onSpecial("leakyRelu", (x) => tf.leakyRelu(x, 0.2)),
  onSpecial("clipByValue", (x) => tf.clipByValue(x, -1, 2)),
  onSpecial("cast to integers", (x) => tf.cast(x, "int32")),
  onSpecial("cast to booleans", (x) => tf.cast(x, "bool")),
  onSpecial("maximum", (x) => tf.maximum(x, 0.7)),
  onSpecial("minimum", (x) => tf.minimum(x, 0.7)),
  onSpecial("mod", (x) => tf.mod(x, 0.75)),
  onSpecial("pow", (x) => tf.pow(x, 3)),
  onSpecial("equal", (x) => tf.equal(x, x)),
  onSpecial("less", (x) => tf.less(x, 1)),
];

describe("unary functions", () => check(unaryCases, 3));
describe("binary functions", () => check(binaryCases));
describe("integers", () => check(integerCases, 3));
describe("casts", () => check(castCases, 2));
describe("special values", () => check(specialCases, 1));
