/**
 * One law for all engines: NaN in gives NaN out, and infinities give the limits of real functions.
 *
 * The expected values are written out from the definitions:
 *
 * - those of C for functions of one and two numbers,
 * - numpy for extremes and their indices (`numpy.argmax`, `numpy.max`),
 * - PyTorch for the order of `topk`,
 * - scipy for `logsumexp`.
 *
 * The signs of zeros are not tested.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, discoverEngines, useEngine, type EngineName } from "../src/index.js";
import { groupsOf, waysOn } from "./ways.js";

const candidates: readonly EngineName[] = ["cpu", "onnx", "tensorflow", "wasm", "onnx-web"];
const statuses = await discoverEngines();
const ways = waysOn(candidates.filter((name) => statuses.some((status) => status.name === name && status.available)));

type Fn = (...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
type Numbers = readonly number[];
interface Case {
  readonly name: string;
  readonly fn: Fn;
  readonly inputs: readonly tf.TensorLike[];
  /** The numbers of each result. */
  readonly right: readonly Numbers[];
}

const [N, I] = [NaN, Infinity];

/** Values at NaN, -∞ and ∞. */
const limits: Readonly<Record<string, readonly [fn: (x: tf.Tensor) => tf.Tensor, right: Numbers]>> = {
  abs: [tf.abs, [N, I, I]],
  acos: [tf.acos, [N, N, N]],
  acosh: [tf.acosh, [N, N, I]],
  asin: [tf.asin, [N, N, N]],
  asinh: [tf.asinh, [N, -I, I]],
  atan: [tf.atan, [N, -Math.PI / 2, Math.PI / 2]],
  atanh: [tf.atanh, [N, N, N]],
  ceil: [tf.ceil, [N, -I, I]],
  clipByValue: [(x) => tf.clipByValue(x, -1, 2), [N, -1, 2]],
  "clipByValue without a bound above": [(x) => tf.clipByValue(x, 0, I), [N, 0, I]],
  cos: [tf.cos, [N, N, N]],
  cosh: [tf.cosh, [N, I, I]],
  elu: [tf.elu, [N, -1, I]],
  erf: [tf.erf, [N, -1, 1]],
  exp: [tf.exp, [N, 0, I]],
  expm1: [tf.expm1, [N, -1, I]],
  floor: [tf.floor, [N, -I, I]],
  isFinite: [tf.isFinite, [0, 0, 0]],
  isInf: [tf.isInf, [0, 1, 1]],
  isNaN: [tf.isNaN, [1, 0, 0]],
  leakyRelu: [(x) => tf.leakyRelu(x, 0.2), [N, -I, I]],
  log: [tf.log, [N, N, I]],
  log1p: [tf.log1p, [N, N, I]],
  logSigmoid: [tf.logSigmoid, [N, -I, 0]],
  neg: [tf.neg, [N, I, -I]],
  prelu: [(x) => tf.prelu(x, tf.scalar(0.5)), [N, -I, I]],
  reciprocal: [tf.reciprocal, [N, 0, 0]],
  relu: [tf.relu, [N, 0, I]],
  relu6: [tf.relu6, [N, 0, 6]],
  round: [tf.round, [N, -I, I]],
  rsqrt: [tf.rsqrt, [N, N, 0]],
  selu: [tf.selu, [N, -1.7580993408473766, I]],
  sigmoid: [tf.sigmoid, [N, 0, 1]],
  sign: [tf.sign, [N, -1, 1]],
  sin: [tf.sin, [N, N, N]],
  sinh: [tf.sinh, [N, -I, I]],
  softplus: [tf.softplus, [N, 0, I]],
  sqrt: [tf.sqrt, [N, N, I]],
  square: [tf.square, [N, I, I]],
  step: [(x) => tf.step(x, 0.3), [N, 0.3, 1]],
  tan: [tf.tan, [N, N, N]],
  tanh: [tf.tanh, [N, -1, 1]],
  "cast to integers": [(x) => tf.cast(x, "int32"), [0, 0, 0]],
  "cast to booleans": [(x) => tf.cast(x, "bool"), [1, 1, 1]],
};
/**
 * Long enough for vector registers of any width with a remainder. The value takes each place in
 * turn.
 */
const LONG = 37;
const places = (value: number, otherwise: (i: number) => number): number[][] =>
  Array.from({ length: LONG }, (_, row) => Array.from({ length: LONG }, (_, i) => (i === row ? value : otherwise(i))));

const functionCases: Case[] = Object.entries(limits).flatMap(([name, [fn, right]]) => [
  { name, fn, inputs: [[N, -I, I]], right: [right] },
  {
    name: `${name} of NaN at every place of ${LONG}`,
    fn: (x: tf.Tensor) => tf.sum(tf.cast(tf.isNaN(tf.cast(fn(x), "float32")), "int32"), 1),
    inputs: [places(N, () => 0.5)],
    right: [Array<number>(LONG).fill(name === "acosh" ? LONG : Number.isNaN(right[0]) ? 1 : 0)],
  },
]);

const pair = (name: string, fn: Fn, rows: readonly (readonly [a: number, b: number, right: number])[]): Case => ({
  name,
  fn,
  inputs: [rows.map(([a]) => a), rows.map(([, b]) => b)],
  right: [rows.map(([, , right]) => right)],
});
const unknown = [
  [N, 1, N],
  [1, N, N],
  [N, N, N],
] as const;
const QUARTER = Math.PI / 4;
const pairCases: Case[] = [
  pair("maximum", tf.maximum, [...unknown, [N, -I, N], [I, N, N], [I, -I, I], [-I, 2, 2]]),
  pair("minimum", tf.minimum, [...unknown, [N, -I, N], [I, N, N], [I, -I, -I], [I, 2, 2]]),
  pair("add", tf.add, [...unknown, [I, -I, N], [I, 1, I]]),
  pair("sub", tf.sub, [...unknown, [I, I, N], [1, I, -I]]),
  pair("mul", tf.mul, [...unknown, [I, 0, N], [-I, 2, -I]]),
  pair("div", tf.div, [...unknown, [I, I, N], [1, I, 0], [1, 0, I], [0, 0, N]]),
  pair("squaredDifference", tf.squaredDifference, [...unknown, [I, I, N], [1, -I, I]]),
  pair("pow", tf.pow, [
    [N, 1, N],
    [N, 0, 1],
    [0, N, N],
    [2, N, N],
    [1, N, 1],
    [1, I, 1],
    [-1, -I, 1],
    [2, -I, 0],
    [0.5, -I, I],
    [I, -1, 0],
    [-I, 3, -I],
  ]),
  pair("mod", tf.mod, [...unknown, [I, 2, N], [1, I, 1], [-1, -I, -1], [-1, I, I], [1, -I, -I], [0, -I, 0], [1, 0, N]]),
  pair("floorDiv, whose results are integers", tf.floorDiv, [
    [N, 1, 0],
    [1, N, 0],
    [I, 2, 0],
    [5, I, 0],
    [5, 0, 0],
  ]),
  pair("atan2", tf.atan2, [
    ...unknown,
    [I, I, QUARTER],
    [-I, I, -QUARTER],
    [I, -I, 3 * QUARTER],
    [-I, -I, -3 * QUARTER],
    [1, I, 0],
    [1, -I, 4 * QUARTER],
    [-1, -I, -4 * QUARTER],
    [I, -1, 2 * QUARTER],
    [0, -0, 4 * QUARTER],
    [-0, -0, -4 * QUARTER],
    [-0, -2, -4 * QUARTER],
    [0, 0, 0],
  ]),
  pair("equal", tf.equal, [
    [N, N, 0],
    [I, I, 1],
    [I, -I, 0],
  ]),
  pair("notEqual", tf.notEqual, [
    [N, N, 1],
    [N, 1, 1],
    [I, I, 0],
  ]),
  pair("less", tf.less, [
    [N, 1, 0],
    [1, N, 0],
    [-I, I, 1],
  ]),
  pair("lessEqual", tf.lessEqual, [
    [N, N, 0],
    [I, I, 1],
  ]),
  pair("greater", tf.greater, [
    [N, 1, 0],
    [1, N, 0],
    [I, -I, 1],
  ]),
  pair("greaterEqual", tf.greaterEqual, [
    [N, N, 0],
    [I, I, 1],
  ]),
  pair("where", (x, y) => tf.where(tf.less(x, 1), x, y), [
    [0, N, 0],
    [N, 5, 5],
    [2, N, N],
  ]),
  pair("prelu by slopes that are not finite", (x, y) => tf.prelu(x, y), [
    [1, N, 1],
    [-1, N, N],
    [1, I, 1],
    [-1, I, -I],
  ]),
];

const rows = [
  [1, N, 3],
  [N, 1, 2],
  [1, 2, N],
  [-I, -I, -I],
  [I, 1, 0],
  [I, -I, 0],
  [N, I, -I],
  [I, N, 1],
  [-I, -I, 1],
  [N, N, N],
];
const overRows = (name: string, fn: (x: tf.Tensor, axis: number) => tf.Tensor, right: Numbers): Case[] => [
  { name: `${name} along rows`, fn: (x) => fn(x, 1), inputs: [rows], right: [right] },
  { name: `${name} along columns`, fn: (x) => fn(tf.transpose(x), 0), inputs: [rows], right: [right] },
];
const manyTimes = (x: tf.Tensor, axis: number): tf.Tensor => tf.tile(x, axis === 1 ? [1, 3000] : [3000, 1]);
const reductionCases: Case[] = [
  ...overRows("max", (x, axis) => tf.max(x, axis), [N, N, N, -I, I, I, N, N, 1, N]),
  ...overRows("min", (x, axis) => tf.min(x, axis), [N, N, N, -I, 0, -I, N, N, -I, N]),
  // Large tensors are tested for NaN as a whole.
  ...overRows("max of many", (x, axis) => tf.max(manyTimes(x, axis), axis), [N, N, N, -I, I, I, N, N, 1, N]),
  ...overRows("min of many", (x, axis) => tf.min(manyTimes(x, axis), axis), [N, N, N, -I, 0, -I, N, N, -I, N]),
  {
    name: "max and min of many without NaN",
    fn: (x) => [tf.max(manyTimes(x, 1), 1), tf.min(manyTimes(x, 1), 1, true)],
    inputs: [rows.filter((row) => !row.some(Number.isNaN))],
    right: [
      [-I, I, I, 1],
      [-I, 0, -I, -I],
    ],
  },
  {
    name: "max beside the softmax of many",
    fn: (x) => {
      const wide = manyTimes(x, 1);
      const shares = tf.softmax(wide);
      return [tf.max(wide, 1), tf.mul(3000, tf.max(shares, 1)), tf.max(tf.neg(shares), 1, true)];
    },
    inputs: [rows],
    right: [
      [N, N, N, -I, I, I, N, N, 1, N],
      [N, N, N, N, N, N, N, N, 1, N],
      [N, N, N, N, N, N, N, N, -0, N],
    ],
  },
  {
    name: "max beside the softmax of many without NaN",
    fn: (x) => {
      const wide = manyTimes(x, 1);
      const shares = tf.softmax(wide);
      return [tf.max(wide, 1), tf.mul(3000, tf.max(shares, 1))];
    },
    inputs: [Array.from({ length: 10 }, (_, i) => [i, 1000, i])],
    right: [Array<number>(10).fill(1000), Array<number>(10).fill(1)],
  },
  ...overRows("sum", (x, axis) => tf.sum(x, axis), [N, N, N, -I, I, N, N, N, -I, N]),
  ...overRows("mean", (x, axis) => tf.mean(x, axis), [N, N, N, -I, I, N, N, N, -I, N]),
  ...overRows("prod", (x, axis) => tf.prod(x, axis), [N, N, N, -I, N, N, N, N, I, N]),
  ...overRows("argMax", (x, axis) => tf.argMax(x, axis), [1, 0, 2, 0, 0, 0, 0, 1, 2, 0]),
  ...overRows("argMin", (x, axis) => tf.argMin(x, axis), [1, 0, 2, 0, 2, 1, 0, 1, 0, 0]),
  ...overRows("logSumExp", (x, axis) => tf.logSumExp(x, axis), [N, N, N, -I, I, I, N, N, 1, N]),
  ...overRows("logSumExp with kept axes", (x, axis) => tf.logSumExp(x, axis, true), [N, N, N, -I, I, I, N, N, 1, N]),
  ...overRows("any", (x, axis) => tf.any(tf.isNaN(x), axis), [1, 1, 1, 0, 0, 0, 1, 1, 0, 1]),
  ...overRows("all", (x, axis) => tf.all(tf.isNaN(x), axis), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
  {
    name: "softmax",
    fn: (x) => tf.softmax(x),
    inputs: [rows],
    right: [rows.flatMap((_, row) => (row === 8 ? [0, 0, 1] : [N, N, N]))],
  },
  {
    name: "logSoftmax",
    fn: (x) => tf.logSoftmax(x),
    inputs: [rows],
    right: [rows.flatMap((_, row) => (row === 8 ? [-I, -I, 0] : [N, N, N]))],
  },
  { name: "cumsum", fn: (x) => tf.cumsum(x), inputs: [[1, I, -I, 1]], right: [[1, I, N, N]] },
  { name: "cumsum backwards", fn: (x) => tf.cumsum(x, 0, false, true), inputs: [[1, N, 2, 3]], right: [[N, N, 5, 3]] },
  { name: "cumprod", fn: (x) => tf.cumprod(x), inputs: [[2, I, 0, 1]], right: [[2, I, N, N]] },
  ...(["max", "min"] as const).map((name) => ({
    name: `${name} with NaN at every place of ${LONG}`,
    fn: (x: tf.Tensor) => [tf[name](x, 1), tf[name](x, 0), tf[name](x)],
    inputs: [places(N, (i) => (i * 7) % 5)],
    right: [Array<number>(LONG).fill(N), Array<number>(LONG).fill(N), [N]],
  })),
  ...(["argMax", "argMin"] as const).map((name) => ({
    name: `${name} with NaN at every place of ${LONG}`,
    fn: (x: tf.Tensor) => [tf[name](x, 1), tf[name](x, 0)],
    inputs: [places(N, (i) => (i * 7) % 5)],
    right: [0, 1].map(() => Array.from({ length: LONG }, (_, i) => i)),
  })),
  {
    name: "topk",
    fn: (x) => {
      const { values, indices } = tf.topk(x, 3);
      return [values!, indices!];
    },
    inputs: [
      [
        [1, N, 3, I, 2],
        [5, I, N, 1, N],
        [-I, -I, N, 0, 1],
        [3.4028234663852886e38, I, 1, I, 2],
      ],
    ],
    right: [
      [N, I, 3, N, N, I, N, 1, 0, I, I, Math.fround(3.4028234663852886e38)],
      [1, 3, 2, 2, 4, 1, 2, 4, 3, 1, 3, 0],
    ],
  },
];

const image = (numbers: Numbers, ...shape: number[]): Pick<Case, "inputs"> => ({
  inputs: [unflattened(numbers, shape)],
});
const unflattened = (numbers: Numbers, [size, ...rest]: readonly number[]): tf.TensorLike => {
  if (size === undefined) return numbers[0]!;
  const step = numbers.length / size;
  return Array.from({ length: size }, (_, i) =>
    unflattened(numbers.slice(i * step, (i + 1) * step), rest),
  ) as tf.TensorLike;
};
const four = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
const five = (x: tf.Tensor): tf.Tensor5D => x as tf.Tensor5D;
const pairs = [1, N, N, 1, I, -I, -I, -I, 2, 3];
const aroundOne = (value: number): number[] => Array.from({ length: 9 }, (_, i) => (i === 4 ? 4 : value));
const poolingCases: Case[] = [
  {
    name: "maxPool",
    fn: (x) => tf.maxPool(four(x), [1, 2], [1, 2], "valid"),
    ...image(pairs, 1, 1, 10, 1),
    right: [[N, N, I, -I, 3]],
  },
  {
    name: "avgPool",
    fn: (x) => tf.avgPool(four(x), [1, 2], [1, 2], "valid"),
    ...image(pairs, 1, 1, 10, 1),
    right: [[N, N, N, -I, 2.5]],
  },
  {
    name: "maxPool3d",
    fn: (x) => tf.maxPool3d(five(x), [1, 1, 2], [1, 1, 2], "valid"),
    ...image(pairs, 1, 1, 1, 10, 1),
    right: [[N, N, I, -I, 3]],
  },
  {
    name: "avgPool3d",
    fn: (x) => tf.avgPool3d(five(x), [1, 1, 2], [1, 1, 2], "valid"),
    ...image(pairs, 1, 1, 1, 10, 1),
    right: [[N, N, N, -I, 2.5]],
  },
  {
    name: "maxPoolWithArgmax",
    fn: (x) => {
      const { result, indexes } = tf.maxPoolWithArgmax(four(x), [1, 2], [1, 2], "valid");
      return [result!, indexes!];
    },
    ...image(pairs, 1, 1, 10, 1),
    right: [
      [N, N, I, -I, 3],
      [1, 2, 4, 6, 9],
    ],
  },
  {
    name: "maxPool with NaN in the corner of a padded image",
    fn: (x) => tf.maxPool(four(x), 3, 1, "same"),
    ...image([N, 2, 3, 4, 5, 6, 7, 8, 9], 1, 3, 3, 1),
    right: [[N, N, 6, N, N, 9, 8, 9, 9]],
  },
  {
    name: "maxPool of padding alone",
    fn: (x) => tf.maxPool(four(x), 2, 2, 2, "floor"),
    ...image([1, 2, 3, 4], 1, 2, 2, 1),
    right: [aroundOne(-I)],
  },
  {
    name: "avgPool of padding alone",
    fn: (x) => tf.avgPool(four(x), 2, 2, 2, "floor"),
    ...image([1, 2, 3, 10], 1, 2, 2, 1),
    right: [aroundOne(N)],
  },
  {
    name: "maxPool of padding alone on two sides",
    fn: (x) => tf.maxPool(four(x), [2, 2], [2, 2], [[0, 0], [2, 0], [0, 2], [0, 0]], "floor"), // prettier-ignore
    ...image([1, 2, 3, 4], 1, 2, 2, 1),
    right: [[-I, -I, 4, -I]],
  },
  {
    name: "maxPool3d of padding alone",
    fn: (x) => tf.max(tf.maxPool3d(five(x), 2, 2, 2, "floor"), [1, 2, 4]),
    ...image([1, 2, 3, 4, 5, 6, 7, 8], 1, 2, 2, 2, 1),
    right: [[-I, 8, -I]],
  },
  {
    name: "avgPool3d of padding alone, 0 as in TensorFlow.js",
    fn: (x) => tf.max(tf.avgPool3d(five(x), 2, 2, 2, "floor"), [1, 2, 4]),
    ...image([1, 2, 3, 4, 5, 6, 7, 8], 1, 2, 2, 2, 1),
    right: [[0, 4.5, 0]],
  },
  {
    name: "resizeNearestNeighbor",
    fn: (x) => tf.image.resizeNearestNeighbor(four(x), [1, 4]),
    ...image([N, I], 1, 1, 2, 1),
    right: [[N, N, I, I]],
  },
  {
    name: "resizeBilinear, finite where it reads finite pixels alone",
    fn: (x) => tf.isFinite(tf.image.resizeBilinear(four(x), [1, 8])),
    ...image([1, N, 2, 3], 1, 1, 4, 1),
    right: [[1, 0, 0, 0, 1, 1, 1, 1]],
  },
];

const indexingCases: Case[] = [
  { name: "gather", fn: (x) => tf.gather(x, tf.tensor1d([2, 0], "int32")), inputs: [[N, 1, I]], right: [[I, N]] },
  {
    name: "unsortedSegmentSum",
    fn: (x) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 1, 2, 1, -1, 3], "int32"), 3),
    inputs: [[N, 1, I, 2, N, N]],
    right: [[N, 3, I]],
  },
];

/**
 * The expected number of NaN results. Pixel 5 of the first image holds `value`, all other numbers
 * are 1.
 */
const convolved = (
  name: string,
  channels: number,
  value: number,
  right: number,
  fn: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor,
): Case => ({
  name: `${name}, ${channels} channels`,
  fn: (x, w) => tf.sum(tf.cast(tf.isNaN(fn(x, w)), "int32")),
  inputs: [
    unflattened(
      Array.from({ length: 32 * channels }, (_, i) => (i === 5 * channels ? value : 1)),
      [2, 4, 4, channels],
    ),
    unflattened(Array<number>(9 * channels * channels).fill(1), [3, 3, channels, channels]),
  ],
  right: [[right]],
});
const conv = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same");
const activations = ["relu", "relu6", "sigmoid", "tanh", "leakyRelu", "elu"] as const;
/** Fewer channels than a block, whole blocks, and padded blocks. */
const convolutionCases: Case[] = [1, 16, 20].flatMap((channels) => [
  ...activations.map((name) =>
    convolved(`${name} of a convolution of NaN`, channels, N, 9 * channels, (x, w) => tf[name](conv(x, w))),
  ),
  convolved("relu of a convolution of -∞ and a convolution of that", channels, -I, 0, (x, w) =>
    conv(tf.relu(tf.add(conv(x, w), 0.5)), w),
  ),
  convolved("a sum over channels of a convolution of ∞", channels, I, 0, (x, w) =>
    tf.sum(tf.relu(conv(x, w)), [1, 2, 3]),
  ),
]);

const cases = [
  ...functionCases,
  ...pairCases,
  ...reductionCases,
  ...poolingCases,
  ...indexingCases,
  ...convolutionCases,
];

/** Equal up to rounding. Zeros of either sign are equal. */
function agree(actual: Numbers, right: Numbers): boolean {
  return (
    actual.length === right.length &&
    actual.every((value, i) => {
      const wanted = right[i]!;
      if (!Number.isFinite(wanted) || !Number.isFinite(value)) return Object.is(value, wanted);
      return Math.abs(value - wanted) <= 1e-5 * Math.max(1, Math.abs(wanted));
    })
  );
}

describe.each(ways)("NaN and infinities on $name", ({ engine, options }) => {
  let numbers: Numbers[][];
  beforeAll(async () => {
    await useEngine(engine);
    const inputs = cases.map((one) => one.inputs.map((x) => tf.tensor(x, undefined, "float32")));
    const groups = groupsOf(options, cases.length);
    const results = await Promise.all(
      groups.map(async (group) => {
        const run = compile((given: tf.Tensor[][]) => group.map((i) => [cases[i]!.fn(...given[i]!)].flat()), options);
        const made = await run(inputs);
        await run.dispose();
        return made;
      }),
    );
    numbers = results.flat().map((each) => each.map((result) => [...result.dataSync()]));
    tf.dispose([inputs, results]);
  });

  it.each(cases.map(({ name, right }, i) => [name, i, right] as const))("%s", (_, i, right) => {
    const found = numbers[i]!;
    expect(found.length).toBe(right.length);
    found.forEach((actual, k) => expect(agree(actual, right[k]!), `result ${k}: ${actual.join()}`).toBe(true));
  });
});
