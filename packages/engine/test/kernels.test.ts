/**
 * Every lowering against TensorFlow.js' own CPU backend, values and gradients, on shapes drawn by fast-check.
 *
 * Each case is a function of tensors; the compiled program and the eager run must agree to float32 rounding.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "../src/index.js";

type Case = readonly [
  name: string,
  fn: (...xs: never[]) => tf.Tensor,
  shapes: (d: readonly number[]) => number[][],
  options?: Options,
];
interface Options {
  /** Maps standard normal numbers into the function's domain. */
  readonly domain?: (x: tf.Tensor) => tf.Tensor;
  /** False for functions that are constant almost everywhere or have no gradient rule. */
  readonly differentiable?: boolean;
  /** Largest error relative to the largest entry. */
  readonly tolerance?: number;
}

const one = (d: readonly number[]): number[][] => [[...d]];
const two = (d: readonly number[]): number[][] => [[...d], [...d]];
const rows = (d: readonly number[]): number[][] => [[...d], [d.at(-1)!]];
const positive: Options = { domain: (x) => tf.add(tf.abs(x), 0.3) };
const inside: Options = { domain: (x) => tf.mul(0.9, tf.tanh(x)) };
const constant: Options = { differentiable: false };
const as = <T extends tf.Tensor>(x: tf.Tensor): T => x as T;

const unary: Case[] = [
  ...(
    [
      "abs",
      "cos",
      "cosh",
      "elu",
      "erf",
      "exp",
      "expm1",
      "neg",
      "relu",
      "relu6",
      "selu",
      "sigmoid",
      "sin",
      "sinh",
      "softplus",
      "square",
      "tan",
      "tanh",
    ] as const
  ).map((name): Case => [name, (x: tf.Tensor) => tf[name](x), one]),
  ...(["log", "log1p", "sqrt", "rsqrt", "reciprocal"] as const).map((name): Case => [
    name,
    (x: tf.Tensor) => tf[name](x),
    one,
    positive,
  ]),
  ...(["asin", "acos", "atan", "atanh"] as const).map((name): Case => [
    name,
    (x: tf.Tensor) => tf[name](x),
    one,
    inside,
  ]),
  ...(["asinh", "ceil", "floor", "round", "sign", "step"] as const).map((name): Case => [
    name,
    (x: tf.Tensor) => tf[name](x),
    one,
    constant,
  ]),
  ["log1p near zero", (x: tf.Tensor) => tf.log1p(x), one, { domain: (x) => tf.mul(x, 1e-5), tolerance: 1e-6 }],
  [
    "expm1 near zero",
    (x: tf.Tensor) => tf.expm1(x),
    one,
    { domain: (x) => tf.mul(x, 1e-5), tolerance: 1e-6, differentiable: false },
  ],
  ["leakyRelu", (x: tf.Tensor) => tf.leakyRelu(x, 0.2), one],
  ["prelu", (x: tf.Tensor, a: tf.Tensor) => tf.prelu(x, a), two],
  ["clipByValue", (x: tf.Tensor) => tf.clipByValue(x, -0.5, 0.7), one],
  ["isFinite", (x: tf.Tensor) => tf.cast(tf.isFinite(tf.div(x, tf.relu(x))), "float32"), one, constant],
  ["isNaN", (x: tf.Tensor) => tf.cast(tf.isNaN(tf.sqrt(x)), "float32"), one, constant],
  ["cast to integers and back", (x: tf.Tensor) => tf.cast(tf.cast(tf.mul(x, 3), "int32"), "float32"), one, constant],
];

const binary: Case[] = [
  ...(["add", "sub", "mul", "maximum", "minimum", "squaredDifference"] as const).flatMap((name): Case[] => [
    [name, (a: tf.Tensor, b: tf.Tensor) => tf[name](a, b), two],
    // TensorFlow.js' own gradients of the last three do not sum over broadcast axes.
    [
      `${name}, broadcast`,
      (a: tf.Tensor, b: tf.Tensor) => tf[name](a, b),
      rows,
      ["add", "sub", "mul"].includes(name) ? {} : constant,
    ],
  ]),
  ["div", (a: tf.Tensor, b: tf.Tensor) => tf.div(a, tf.add(1, tf.abs(b))), rows],
  ["pow", (a: tf.Tensor, b: tf.Tensor) => tf.pow(tf.add(0.5, tf.abs(a)), b), rows],
  ["mod", (a: tf.Tensor, b: tf.Tensor) => tf.mod(a, tf.add(0.5, tf.abs(b))), two, constant],
  [
    "floorDiv of integers",
    (a: tf.Tensor, b: tf.Tensor) =>
      tf.cast(tf.floorDiv(tf.cast(tf.mul(a, 9), "int32"), tf.cast(tf.add(2, tf.abs(b)), "int32")), "float32"),
    two,
    constant,
  ],
  ["where and comparisons", (a: tf.Tensor, b: tf.Tensor) => tf.where(tf.greater(a, b), tf.mul(a, 2), tf.neg(b)), two],
  ...(["equal", "notEqual", "greater", "greaterEqual", "less", "lessEqual"] as const).map((name): Case => [
    name,
    (a: tf.Tensor, b: tf.Tensor) => tf.cast(tf[name](tf.round(a), tf.round(b)), "float32"),
    rows,
    constant,
  ]),
  [
    "logic",
    (a: tf.Tensor, b: tf.Tensor) =>
      tf.cast(tf.logicalOr(tf.logicalNot(tf.greater(a, 0)), tf.logicalAnd(tf.less(a, 1), tf.greater(b, 0))), "float32"),
    two,
    constant,
  ],
  ["addN", (a: tf.Tensor, b: tf.Tensor) => tf.addN([a, b, a]), two],
];

const reductions: Case[] = [
  ...(["sum", "mean", "max", "min"] as const).flatMap((name): Case[] => [
    [name, (x: tf.Tensor) => tf[name](x), one],
    [`${name} of the last axis`, (x: tf.Tensor) => tf[name](x, -1), one],
    [`${name} of the first axis, kept`, (x: tf.Tensor) => tf[name](x, 0, true), one],
  ]),
  ["prod", (x: tf.Tensor) => tf.prod(x, [0]), one, constant],
  [
    "all and any",
    (x: tf.Tensor) =>
      tf.concat(
        [tf.all(tf.greater(x, -1), -1), tf.any(tf.greater(x, 1), -1)].map((b) =>
          tf.cast(tf.reshape(b, [-1]), "float32"),
        ),
      ),
    one,
    constant,
  ],
  ["argMax", (x: tf.Tensor) => tf.cast(tf.argMax(x, -1), "float32"), one, constant],
  ["argMin", (x: tf.Tensor) => tf.cast(tf.argMin(x, 0), "float32"), one, constant],
  ["softmax", (x: tf.Tensor) => tf.softmax(x), one],
  ["logSoftmax", (x: tf.Tensor) => tf.logSoftmax(x), one],
  ["logSumExp", (x: tf.Tensor) => tf.logSumExp(x, 0), one],
  ["cumsum", (x: tf.Tensor) => tf.cumsum(x, x.shape.length - 1), one],
  // TensorFlow.js' gradient of a running sum is right for the last axis alone.
  ["cumsum, exclusive and reversed", (x: tf.Tensor) => tf.cumsum(x, 0, true, true), one, constant],
  ["norm", (x: tf.Tensor) => tf.norm(x, "euclidean"), one],
];

const layout: Case[] = [
  ["reshape", (x: tf.Tensor) => tf.reshape(x, [-1]), one],
  ["expandDims", (x: tf.Tensor) => tf.expandDims(x, 1), one],
  ["transpose", (x: tf.Tensor) => tf.mul(tf.transpose(x), tf.transpose(x)), one],
  [
    "tile",
    (x: tf.Tensor) =>
      tf.tile(
        x,
        x.shape.map((_, i) => i + 1),
      ),
    one,
  ],
  ["broadcastTo", (x: tf.Tensor) => tf.broadcastTo(tf.expandDims(x, 0), [3, ...x.shape]), one],
  ["concat", (a: tf.Tensor, b: tf.Tensor) => tf.concat([a, b, a], -1), two],
  ["stack", (a: tf.Tensor, b: tf.Tensor) => tf.stack([a, b], 1), two],
  ["unstack", (x: tf.Tensor) => tf.unstack(tf.concat([x, x], 0), 0).reduce((a, b) => tf.add(tf.mul(a, 0.5), b)), one],
  ["split", (x: tf.Tensor) => tf.mul(...(tf.split(tf.concat([x, x], 0), 2, 0) as [tf.Tensor, tf.Tensor])), one],
  [
    "slice",
    (x: tf.Tensor) =>
      tf.slice(
        x,
        x.shape.map((n) => n >> 1),
        x.shape.map(() => 1),
      ),
    one,
  ],
  [
    "stridedSlice",
    (x: tf.Tensor) =>
      tf.stridedSlice(
        x,
        x.shape.map(() => 0),
        [...x.shape],
        x.shape.map(() => 2),
      ),
    one,
    constant,
  ],
  [
    "stridedSlice, backwards",
    (x: tf.Tensor) => tf.stridedSlice(tf.reshape(x, [-1]), [0], [0], [-1], 1, 1),
    one,
    constant,
  ],
  ["reverse", (x: tf.Tensor) => tf.reverse(x, [0]), one],
  [
    "pad",
    (x: tf.Tensor) =>
      tf.pad(
        x,
        x.shape.map((_, i) => [i, 1] as [number, number]),
        0.5,
      ),
    one,
  ],
  ["gather", (x: tf.Tensor) => tf.gather(x, tf.tensor1d([0, x.shape[0]! - 1, 0], "int32")), one],
  [
    "gather of the last axis",
    (x: tf.Tensor) => tf.gather(x, tf.tensor1d([x.shape.at(-1)! - 1, 0], "int32"), x.shape.length - 1),
    one,
  ],
  ["oneHot", (x: tf.Tensor) => tf.oneHot(tf.cast(tf.clipByValue(tf.mul(x, 2), -1, 3), "int32"), 3), one, constant],
];

const matmuls: Case[] = [
  [
    "matMul",
    (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b),
    ([m, k, n]) => [
      [m!, k!],
      [k!, n!],
    ],
  ],
  [
    "matMul, both transposed",
    (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, true, true),
    ([m, k, n]) => [
      [k!, m!],
      [n!, k!],
    ],
  ],
  [
    "matMul, batched",
    (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, false, true),
    ([m, k, n]) => [
      [2, m!, k!],
      [2, n!, k!],
    ],
  ],
  [
    "matMul, batches broadcast",
    (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b),
    ([m, k, n]) => [
      [3, m!, k!],
      [1, k!, n!],
    ],
    constant,
  ],
];

const images =
  (channels: number, kernel: number) =>
  ([h, w, o]: readonly number[]) => [
    [2, h! + 4, w! + 4, channels],
    [kernel, kernel, channels, o!],
  ];
const transposed = ([h, w, o]: readonly number[]): number[][] => [
  [2, h!, w!, 3],
  [4, 4, o!, 3],
];
const conv =
  (stride: number, pad: "same" | "valid" | number, dilation = 1) =>
  (x: tf.Tensor, k: tf.Tensor) =>
    tf.conv2d(
      as<tf.Tensor4D>(x),
      as<tf.Tensor4D>(k),
      stride,
      pad,
      "NHWC",
      dilation,
      typeof pad === "number" ? "floor" : undefined,
    );
const convTranspose = (x: tf.Tensor, k: tf.Tensor): tf.Tensor =>
  tf.conv2dTranspose(
    as<tf.Tensor4D>(x),
    as<tf.Tensor4D>(k),
    [2, x.shape[1]! * 2, x.shape[2]! * 2, k.shape[2]!],
    2,
    "same",
  );

const convolutions: Case[] = [
  ["conv2d 3x3, same", conv(1, "same"), images(3, 3)],
  ["conv2d 4x4, stride 2, same", conv(2, "same"), images(2, 4)],
  ["conv2d 3x3, stride 2, valid", conv(2, "valid"), images(2, 3)],
  ["conv2d 1x1", conv(1, "valid"), images(4, 1)],
  ["conv2d dilated", conv(1, "same", 2), images(2, 3), constant],
  ["conv2dTranspose 4x4, stride 2", convTranspose, transposed],
];

/** Shapes of two or three axes; a few cases each keep a run short, and the seed fixes them. */
const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 3 });
const triple = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));

function largestError(a: tf.Tensor, b: tf.Tensor): number {
  expect(a.shape).toEqual(b.shape);
  expect(a.dtype).toBe(b.dtype);
  const [x, y] = [a.dataSync(), b.dataSync()];
  const scale = Math.max(1e-30, ...Array.from(y, (v) => (Number.isFinite(v) ? Math.abs(v) : 0)));
  return Math.max(0, ...Array.from(x, (v, i) => (Object.is(v, y[i]!) || v === y[i] ? 0 : Math.abs(v - y[i]!) / scale)));
}

async function compare([, fn, shapes, options = {}]: Case, dims: readonly number[]): Promise<number> {
  const { domain = (x: tf.Tensor) => x, differentiable = true } = options;
  const inputs = shapes(dims).map((s, i) => domain(random.normal(random.fold(random.key(7), i), s)));
  const call = (xs: tf.Tensor[]): tf.Tensor => fn(...(xs as never[]));
  // Weights make every entry of the result count differently in the gradient.
  const weighted = (xs: tf.Tensor[]): tf.Tensor => {
    const y = call(xs);
    return tf.sum(tf.mul(y, tf.cos(tf.reshape(tf.range(0, y.size), y.shape))));
  };
  const run = (xs: tf.Tensor[]) =>
    differentiable ? { y: call(xs), ...valueAndGrad(weighted)(xs) } : { y: call(xs), value: tf.scalar(0), grad: [] };
  await useEngine("cpu");
  const expected = await compile(run)(inputs);
  await useEngine("onnx");
  const compiled = compile(run);
  const actual = await compiled(inputs);
  await compiled.dispose();
  const errors = [largestError(actual.y, expected.y), ...expected.grad.map((g, i) => largestError(actual.grad[i]!, g))];
  tf.dispose([inputs, expected, actual]);
  return Math.max(...errors);
}

const check = (cases: readonly Case[], dims: fc.Arbitrary<readonly number[]>): void => {
  it.each(cases.map((c) => [c[0], c] as const))("%s", async (_, c) => {
    const property = fc.asyncProperty(dims, async (d) => {
      expect(await compare(c, d)).toBeLessThan(c[3]?.tolerance ?? 2e-5);
    });
    await fc.assert(property, { seed: 20, numRuns: 4 });
  });
};

describe("ONNX Runtime agrees with TensorFlow.js", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  describe("elementwise", () => check([...unary, ...binary], shape));
  describe("reductions", () => check(reductions, shape));
  describe("layout", () => check(layout, shape));
  describe("matrix products", () => check(matmuls, triple));
  describe("convolutions", () => check(convolutions, triple));
});
