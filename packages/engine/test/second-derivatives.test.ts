/**
 * Second derivatives agree with central finite differences, kernel by kernel and for whole losses,
 * eager and compiled.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, record, useEngine, valueAndGrad } from "../src/index.js";
import { twiceDifferentiable } from "../src/gradients/twice-differentiable.js";
import { trace } from "../src/recorder/record.js";
import { inRuntime, waysOn } from "./ways.js";

type Fn = (...xs: tf.Tensor[]) => tf.Tensor;
type Values = (count: number) => number[];

/** Entries at least 0.3 away from 0, with spread absolute values, so that no kink is near. */
const apart: Values = (count) =>
  Array.from({ length: count }, (_, i) => (0.35 + ((i * 7) % count) * (1.2 / count)) * (i % 2 ? -1 : 1));
const positive: Values = (count) => apart(count).map(Math.abs);
const inside: Values = (count) => apart(count).map((v) => v / 2);
const aboveOne: Values = (count) => positive(count).map((v) => v + 1.2);

interface Input {
  readonly shape: readonly number[];
  readonly values?: Values;
}
type Case = readonly [name: string, fn: Fn, ...inputs: (readonly number[] | Input)[]];

const input = (spec: readonly number[] | Input, position: number): tf.Tensor => {
  const { shape, values = apart }: Input = "shape" in spec ? spec : { shape: spec };
  const size = tf.util.sizeFromShape([...shape]);
  // The second input of a kernel differs slightly from the first, so that comparisons have no ties.
  return tf.tensor(
    values(size).map((v) => v + 0.04 * position * Math.sign(v)),
    [...shape],
  );
};

const unary = (fn: (x: tf.Tensor) => tf.Tensor, values: Values = apart): readonly [Fn, Input] => [
  fn as Fn,
  { shape: [2, 3], values },
];
const at = (shape: readonly number[], values: Values): Input => ({ shape, values });
const ids = [2, 0, 2, 1];

const CASES: readonly Case[] = [
  ["add", (a, b) => tf.add(a!, b!), [2, 3], [3]],
  ["sub", (a, b) => tf.sub(a!, b!), [2, 1], [2, 3]],
  ["mul", (a, b) => tf.mul(a!, b!), [2, 3], [1, 3]],
  ["div", (a, b) => tf.div(a!, b!), [2, 1], [2, 3]],
  ["addN", (a, b) => tf.addN([a!, b!, a!]), [2, 3], [2, 3]],
  ["neg", ...unary(tf.neg)],
  ["square", ...unary(tf.square)],
  ["squaredDifference", (a, b) => tf.squaredDifference(a!, b!), [2, 3], [3]],
  ["pow by a constant", ...unary((x) => tf.pow(x, 3))],
  ["pow", (a, b) => tf.pow(a!, b!), at([2, 3], positive), at([3], inside)],
  ["sqrt", ...unary(tf.sqrt, positive)],
  ["rsqrt", ...unary(tf.rsqrt, positive)],
  ["reciprocal", ...unary(tf.reciprocal)],
  ["abs", ...unary(tf.abs)],
  ["maximum", (a, b) => tf.maximum(a!, b!), [2, 3], [3]],
  ["minimum", (a, b) => tf.minimum(a!, b!), [2, 1], [2, 3]],
  ["mod", (a, b) => tf.mod(a!, b!), [2, 3], at([3], aboveOne)],
  ["atan2", (a, b) => tf.atan2(a!, b!), [2, 3], [3]],
  ["clipByValue", ...unary((x) => tf.clipByValue(x, -1.05, 0.85))],
  ["exp", ...unary(tf.exp)],
  ["expm1", ...unary(tf.expm1)],
  ["log", ...unary(tf.log, positive)],
  ["log1p", ...unary(tf.log1p, positive)],
  ["sin", ...unary(tf.sin)],
  ["cos", ...unary(tf.cos)],
  ["tan", ...unary(tf.tan, inside)],
  ["asin", ...unary(tf.asin, inside)],
  ["acos", ...unary(tf.acos, inside)],
  ["atan", ...unary(tf.atan)],
  ["sinh", ...unary(tf.sinh)],
  ["cosh", ...unary(tf.cosh)],
  ["asinh", ...unary(tf.asinh)],
  ["acosh", ...unary(tf.acosh, aboveOne)],
  ["atanh", ...unary(tf.atanh, inside)],
  ["erf", ...unary(tf.erf)],
  ["tanh", ...unary(tf.tanh)],
  ["sigmoid", ...unary(tf.sigmoid)],
  ["swish", ...unary((x) => tf.mul(x, tf.sigmoid(x)))],
  ["softplus", ...unary(tf.softplus)],
  ["softmax", ...unary((x) => tf.softmax(x))],
  ["logSoftmax", ...unary((x) => tf.logSoftmax(x))],
  ["logSumExp", ...unary((x) => tf.logSumExp(x, 1))],
  ["logSigmoid", ...unary(tf.logSigmoid)],
  ["relu", ...unary(tf.relu)],
  ["relu6", ...unary((x) => tf.relu6(tf.mul(x, 5)))],
  ["leakyRelu", ...unary((x) => tf.leakyRelu(x, 0.1))],
  ["prelu", (x, alpha) => tf.prelu(x!, alpha!), [2, 3], [3]],
  ["elu", ...unary(tf.elu)],
  ["gradient of elu", ...unary((x) => grad((y: tf.Tensor) => tf.sum(tf.square(tf.elu(y))))(x))],
  ["selu", ...unary(tf.selu)],
  ["selu of large numbers", ...unary((x) => tf.selu(tf.mul(x, 200)), positive)],
  ["log-loss of a sigmoid", ...unary((x) => tf.losses.sigmoidCrossEntropy(tf.fill([2, 3], 0.3), x))],
  ["logSumExp beside masked entries", ...unary((x) => tf.logSumExp(tf.concat([x, tf.fill([2, 1], -Infinity)], 1), 1))],
  ["step", ...unary((x) => tf.mul(x, tf.step(x, 0.2)))],
  ["sum", ...unary((x) => tf.sum(x, 0))],
  ["mean", ...unary((x) => tf.mean(x, -1, true))],
  ["max", ...unary((x) => tf.max(x, 1))],
  ["min", ...unary((x) => tf.min(x, 0))],
  ["norm", ...unary((x) => tf.norm(x, "euclidean", 1))],
  [
    "moments",
    ...unary((x) => tf.div(tf.sub(x, tf.moments(x, 1, true).mean), tf.sqrt(tf.moments(x, 1, true).variance))),
  ],
  ["cumprod", ...unary((x) => tf.cumprod(x, 1))],
  ["cumsum of the first axis", (x) => tf.cumsum(x!, 0, true), [3, 2, 2]],
  ["cumsum of a middle axis, backwards", (x) => tf.cumsum(x!, 1, false, true), [2, 3, 2]],
  ["matMul", (a, b) => tf.matMul(a!, b!), [2, 3], [3, 2]],
  ["matMul, transposed", (a, b) => tf.matMul(a!, b!, true, true), [3, 2], [2, 3]],
  ["matMul of a batch with one matrix", (a, b) => tf.matMul(a!, b!, false, true), [2, 2, 3], [2, 3]],
  ["einsum", (a, b) => tf.einsum("bij,jk->bki", a!, b!), [2, 2, 3], [3, 2]],
  ["conv2d", (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"), [1, 4, 3, 2], [3, 3, 2, 2]],
  ["conv2d, strided", (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "valid"), [1, 5, 4, 1], [2, 3, 1, 2]],
  [
    "conv2d, dilated",
    (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NHWC", [2, 1]),
    [1, 4, 3, 2],
    [2, 2, 2, 1],
  ],
  [
    "depthwiseConv2d, dilated",
    (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "valid", "NHWC", [2, 2]),
    [1, 4, 5, 2],
    [2, 2, 2, 1],
  ],
  [
    "conv2dTranspose",
    (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [1, 4, 4, 1], 2, "same"),
    [1, 2, 2, 2],
    [3, 3, 1, 2],
  ],
  [
    "gradients of conv2d",
    (x, w) => {
      const energy = (p: tf.Tensor[]): tf.Tensor =>
        tf.sum(tf.square(tf.conv2d(p[0] as tf.Tensor4D, p[1] as tf.Tensor4D, [2, 1], "same")));
      return tf.concat(grad(energy)([x!, w!]).map((g) => tf.reshape(g, [-1])));
    },
    [1, 3, 3, 1],
    [2, 2, 1, 2],
  ],
  [
    "gradients of conv2dTranspose",
    (x, w) => {
      const energy = (p: tf.Tensor[]): tf.Tensor =>
        tf.sum(tf.square(tf.conv2dTranspose(p[0] as tf.Tensor4D, p[1] as tf.Tensor4D, [1, 4, 4, 1], 2, "same")));
      return tf.concat(grad(energy)([x!, w!]).map((g) => tf.reshape(g, [-1])));
    },
    [1, 2, 2, 1],
    [2, 2, 1, 1],
  ],
  [
    "gradients of depthwiseConv2d",
    (x, w) => {
      const energy = (p: tf.Tensor[]): tf.Tensor =>
        tf.sum(tf.square(tf.depthwiseConv2d(p[0] as tf.Tensor4D, p[1] as tf.Tensor4D, 1, "same")));
      return tf.concat(grad(energy)([x!, w!]).map((g) => tf.reshape(g, [-1])));
    },
    [1, 3, 3, 2],
    [2, 2, 2, 1],
  ],
  [
    "gradients of conv3d",
    (x, w) => {
      const energy = (p: tf.Tensor[]): tf.Tensor =>
        tf.sum(tf.square(tf.conv3d(p[0] as tf.Tensor5D, p[1] as tf.Tensor5D, 1, "same")));
      return tf.concat(grad(energy)([x!, w!]).map((g) => tf.reshape(g, [-1])));
    },
    [1, 2, 3, 2, 1],
    [2, 2, 1, 1, 1],
  ],
  ["avgPool", (x) => tf.avgPool(x as tf.Tensor4D, 2, 2, "same"), [1, 3, 4, 2]],
  ["avgPool, padded by number", (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 1), [1, 4, 5, 1]],
  ["avgPool, unpadded", (x) => tf.avgPool(x as tf.Tensor4D, [2, 1], 2, "same"), [1, 4, 4, 1]],
  ["avgPool3d", (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 1, "valid"), [1, 3, 3, 2, 1]],
  ["avgPool3d, padded", (x) => tf.avgPool3d(x as tf.Tensor5D, [2, 3, 2], 2, "same"), [1, 3, 4, 3, 1]],
  [
    "gradients of averages",
    (x) => {
      const energy = (y: tf.Tensor): tf.Tensor =>
        tf.add(
          tf.sum(tf.square(tf.avgPool(y as tf.Tensor4D, 2, 1, "valid"))),
          tf.sum(tf.square(tf.avgPool3d(tf.expandDims(y, 4) as tf.Tensor5D, 2, 1, "same"))),
        );
      return grad(energy)(x!);
    },
    [1, 3, 3, 2],
  ],
  ["resizeBilinear", (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [5, 3]), [1, 2, 4, 2]],
  [
    "resizeBilinear by half pixels",
    (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [3, 5], false, true),
    [1, 4, 2, 1],
  ],
  ["resizeBilinear, corners aligned", (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [3, 5], true), [2, 4, 2, 1]],
  ["resizeNearestNeighbor", (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [5, 3], false, true), [1, 2, 4, 2]],
  [
    "batchNorm",
    (x, mean, variance, scale, offset) =>
      tf.batchNorm(x!, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D, 0.01),
    [2, 2, 2, 3],
    [3],
    at([3], positive),
    [3],
    [3],
  ],
  [
    "batchNorm of features, by their own moments",
    (x, offset, scale) => {
      const { mean, variance } = tf.moments(x!, 0) as { mean: tf.Tensor1D; variance: tf.Tensor1D };
      return tf.batchNorm2d(x as tf.Tensor2D, mean, variance, offset as tf.Tensor1D, scale as tf.Tensor1D);
    },
    [4, 3],
    [3],
    [3],
  ],
  ["clone and cast", ...unary((x) => tf.cast(tf.clone(x), "float32"))],
  ["reshape, expandDims, transpose", (x) => tf.transpose(tf.expandDims(tf.reshape(x!, [3, 2]), 1), [2, 0, 1]), [2, 3]],
  ["reverse", ...unary((x) => tf.reverse(x, 1))],
  ["slice", ...unary((x) => tf.slice(x, [0, 1], [2, -1]))],
  [
    "pad",
    ...unary((x) =>
      tf.pad(x, [
        [1, 0],
        [0, 2],
      ]),
    ),
  ],
  [
    "mirrorPad, reflected",
    (x) =>
      tf.mirrorPad(
        x!,
        [
          [2, 1],
          [1, 2],
        ],
        "reflect",
      ),
    [3, 4],
  ],
  [
    "mirrorPad, symmetric",
    (x) =>
      tf.mirrorPad(
        x!,
        [
          [3, 0],
          [2, 4],
        ],
        "symmetric",
      ),
    [3, 4],
  ],
  ["concat", (a, b) => tf.concat([a!, b!, a!], 1), [2, 3], [2, 2]],
  ["split", (x) => tf.mul(...(tf.split(x!, 2, 1) as [tf.Tensor, tf.Tensor])), [2, 4]],
  ["split into one", (x) => tf.split(x!, 1, 0)[0]!, [2, 3]],
  ["stack", (a, b) => tf.stack([a!, b!], 1), [2, 3], [2, 3]],
  ["unstack", (x) => tf.div(...(tf.unstack(x!) as [tf.Tensor, tf.Tensor])), [2, 3]],
  ["unstack of one row", (x) => tf.unstack(x!)[0]!, [1, 3]],
  ["tile", (x) => tf.tile(x!, [2, 1, 3]), [2, 2, 1]],
  ["broadcastTo", (x) => tf.broadcastTo(x!, [2, 3, 2]), [3, 1]],
  [
    "spaceToBatchND",
    (x) =>
      tf.spaceToBatchND(
        x!,
        [2, 2],
        [
          [0, 0],
          [1, 1],
        ],
      ),
    [1, 2, 4, 1],
  ],
  [
    "batchToSpaceND",
    (x) =>
      tf.batchToSpaceND(
        x!,
        [2, 2],
        [
          [0, 1],
          [0, 0],
        ],
      ),
    [4, 2, 2, 1],
  ],
  ["where", (a, b) => tf.where(tf.greater(a!, tf.mul(b!, 0.5)), tf.mul(a!, b!), tf.square(b!)), [2, 3], [2, 3]],
  [
    "where, by logic",
    (a) => tf.where(tf.logicalAnd(tf.less(a!, 1), tf.logicalNot(tf.less(a!, 0))), tf.exp(a!), a!),
    [2, 3],
  ],
  ["gather", (x) => tf.gather(x!, tf.tensor1d(ids, "int32")), [3, 2]],
  ["gather of columns", (x) => tf.gather(x!, tf.tensor2d([ids], [1, 4], "int32"), 1), [2, 3]],
  ["unsortedSegmentSum", (x) => tf.unsortedSegmentSum(x!, tf.tensor1d(ids, "int32"), 3), [4, 2]],
];

/**
 * Σ wᵢ (yᵢ + yᵢ²). Every entry has a different weight, and the derivatives with respect to y depend
 * on y.
 */
const loss =
  (fn: Fn) =>
  (xs: tf.Tensor[]): tf.Tensor => {
    const y = fn(...xs);
    const weights = tf.cos(tf.reshape(tf.range(0, y.size), y.shape));
    return tf.sum(tf.mul(weights, tf.add(y, tf.square(y))));
  };

const dot = (as: readonly tf.Tensor[], bs: readonly tf.Tensor[]): tf.Tensor =>
  as.map((a, i) => tf.sum(tf.mul(a, bs[i]!))).reduce((sum, term) => tf.add(sum, term));

const flat = (ts: readonly tf.Tensor[]): number[] => ts.flatMap((t) => [...t.dataSync()]);

/** d/dh f(x + h v) at 0, by differences of fourth order. */
function directional(f: (xs: tf.Tensor[]) => number[], xs: tf.Tensor[], vs: readonly tf.Tensor[]): number[] {
  const STEP = 0.015;
  const along = (h: number): number[] => f(xs.map((x, i) => tf.add(x, tf.mul(vs[i]!, h))));
  const [far, near, nearer, farther] = [along(-2 * STEP), along(-STEP), along(STEP), along(2 * STEP)];
  return near.map((_, i) => (far[i]! - farther[i]! + 8 * (nearer[i]! - near[i]!)) / (12 * STEP));
}

const directions = (xs: readonly tf.Tensor[]): tf.Tensor[] =>
  xs.map((x, i) => random.normal(random.fold(random.key(3), i), x.shape));

/** Relative to the largest entry, or to 1. */
const largestError = (actual: readonly number[], expected: readonly number[]): number =>
  Math.max(...actual.map((a, i) => Math.abs(a - expected[i]!))) / Math.max(1, ...expected.map(Math.abs));

/** Float32 differences of fourth order are accurate to about 1e-4 here. */
const TOLERANCE = 5e-4;

/** The product of the Hessian of `fn` with `vs`. */
const hessianProduct =
  (fn: Fn) =>
  (xs: tf.Tensor[], vs: tf.Tensor[]): tf.Tensor[] =>
    grad((ys: tf.Tensor[]) => dot(grad(loss(fn))(ys), vs))(xs);

describe("second derivatives", () => {
  it.each(CASES.map(([name, fn, ...inputs]) => ({ name, fn, inputs })))("$name", async ({ fn, inputs }) => {
    await useEngine("cpu");
    const xs = inputs.map(input);
    const vs = directions(xs);
    const [expected, eager] = tf.tidy(() => {
      const first = grad(loss(fn));
      const slope = directional((ys) => flat([loss(fn)(ys)]), xs, vs);
      expect(largestError(flat([dot(first(xs), vs)]), slope), "first derivative").toBeLessThan(TOLERANCE);
      return [directional((ys) => flat(first(ys)), xs, vs), flat(hessianProduct(fn)(xs, vs))] as never;
    }) as unknown as [number[], number[]];
    expect(largestError(eager, expected), "second derivative").toBeLessThan(TOLERANCE);

    for (const { name, engine, options } of waysOn(["onnx"])) {
      await useEngine(engine);
      const compiled = compile(hessianProduct(fn), options);
      const products = await compiled(xs, vs);
      expect(largestError(flat(products), eager), name).toBeLessThan(1e-5);
      await compiled.dispose();
      tf.dispose(products);
    }
    tf.dispose([xs, vs]);
  });

  it("are tested of every kernel that is taken to have them", async () => {
    await useEngine("cpu");
    const options = { engine: "none", supports: () => true, alternatives: [] };
    const kernels = CASES.flatMap(([, fn, ...inputs]) => {
      const xs = inputs.map(input);
      const { graph } = trace(fn, xs, options);
      tf.dispose(xs);
      return graph.nodes.map(({ kernel }) => kernel);
    });
    // The recorder lists no kernel that only renames.
    const covered = new Set([...kernels, "Identity", "Cast"]);
    expect([...twiceDifferentiable].filter((kernel) => !covered.has(kernel))).toEqual([]);
  });
});

/** Energies: one number per example. */
const dense =
  (activation: (x: tf.Tensor) => tf.Tensor) =>
  (params: Record<string, tf.Tensor>, x: tf.Tensor): tf.Tensor =>
    tf.squeeze(tf.matMul(activation(tf.add(tf.matMul(x, params["w1"]!), params["b1"]!)), params["w2"]!), [1]);

const gelu = (x: tf.Tensor): tf.Tensor => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));

const convolutional =
  (activation: (x: tf.Tensor) => tf.Tensor) =>
  (params: Record<string, tf.Tensor>, x: tf.Tensor): tf.Tensor => {
    const hidden = activation(tf.conv2d(x as tf.Tensor4D, params["k1"] as tf.Tensor4D, 2, "same"));
    const outputs = tf.conv2d(tf.avgPool(hidden as tf.Tensor4D, 2, 1, "same"), params["k2"] as tf.Tensor4D, 1, "valid");
    return tf.sum(tf.tanh(outputs), [1, 2, 3]);
  };

type Energy = (params: Record<string, tf.Tensor>, x: tf.Tensor) => tf.Tensor;
type Loss = (params: Record<string, tf.Tensor>, x: tf.Tensor, noise: tf.Tensor) => tf.Tensor;

const score =
  (energy: Energy, params: Record<string, tf.Tensor>) =>
  (x: tf.Tensor): tf.Tensor =>
    grad((y: tf.Tensor) => tf.sum(energy(params, y)))(x);

/** E |∇ₓE|² / 2 − vᵀ ∇²E v: score matching with a random projection v. */
const hutchinson =
  (energy: Energy): Loss =>
  (params, x, noise) => {
    const slope = score(energy, params);
    const curvature = tf.sum(tf.mul(noise, grad((y: tf.Tensor) => tf.sum(tf.mul(slope(y), noise)))(x)));
    return tf.sub(tf.mul(0.5, tf.sum(tf.square(slope(x)))), curvature);
  };

/** E |∇ₓE|² / 2 − tr ∇²E, one coordinate at a time. */
const exact =
  (energy: Energy): Loss =>
  (params, x) => {
    const slope = score(energy, params);
    const coordinates = tf.range(0, x.shape[1]!).arraySync() as number[];
    const trace = coordinates.map((i) => {
      const along = (y: tf.Tensor): tf.Tensor => tf.sum(tf.slice(slope(y), [0, i], [-1, 1]));
      return tf.sum(tf.slice(grad(along)(x), [0, i], [-1, 1]));
    });
    return trace.reduce((total, term) => tf.sub(total, term), tf.mul(0.5, tf.sum(tf.square(slope(x)))));
  };

/** E (|∇ₓE| − 1)². */
const gradientPenalty =
  (energy: Energy): Loss =>
  (params, x) => {
    const squares = tf.sum(tf.square(score(energy, params)(x)), [1, 2, 3]);
    return tf.mean(tf.square(tf.sub(tf.sqrt(squares), 1)));
  };

const MLP = { w1: [3, 5], b1: [5], w2: [5, 1] };
const CONVOLUTIONAL = { k1: [3, 3, 1, 2], k2: [2, 2, 2, 2] };
const POINTS = [4, 3];
const IMAGES = [2, 6, 6, 1];

const LOSSES: readonly { name: string; loss: Loss; shapes: Record<string, number[]>; batch: number[] }[] = [
  ...Object.entries({
    tanh: tf.tanh,
    softplus: tf.softplus,
    gelu,
    swish: (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x)),
  }).map(([name, activation]) => ({
    name: `projected score matching, ${name}`,
    loss: hutchinson(dense(activation)),
    shapes: MLP,
    batch: POINTS,
  })),
  {
    name: "projected score matching, leaky units squared",
    loss: hutchinson(dense((x) => tf.square(tf.leakyRelu(x, 0.1)))),
    shapes: MLP,
    batch: POINTS,
  },
  { name: "exact score matching, tanh", loss: exact(dense(tf.tanh)), shapes: MLP, batch: POINTS },
  { name: "exact score matching, gelu", loss: exact(dense(gelu)), shapes: MLP, batch: POINTS },
  {
    name: "gradient penalty, swish",
    loss: gradientPenalty(convolutional((x) => tf.mul(x, tf.sigmoid(x)))),
    shapes: CONVOLUTIONAL,
    batch: IMAGES,
  },
  {
    // One channel stays active and the other inactive. If a unit changes sides, the loss jumps, and
    // finite differences are meaningless.
    name: "gradient penalty, leaky units",
    loss: gradientPenalty(convolutional((x) => tf.leakyRelu(tf.add(tf.mul(x, 0.1), [1, -1]), 0.2))),
    shapes: CONVOLUTIONAL,
    batch: IMAGES,
  },
];

describe("gradients with respect to the weights of losses that hold gradients", () => {
  it.each(LOSSES)("$name", async ({ loss: lossOf, shapes, batch }) => {
    const names = Object.keys(shapes);
    const drawn = names.map((name, i) => random.normal(random.fold(random.key(5), i), shapes[name]!));
    const params = Object.fromEntries(names.map((name, i) => [name, drawn[i]!]));
    const [x, noise] = [random.normal(random.key(6), batch), random.normal(random.key(7), batch)];
    const gradient = grad(lossOf);
    const results: Record<string, number[]> = {};
    for (const engine of ["cpu", "onnx"] as const) {
      await useEngine(engine);
      const compiled = compile(gradient, inRuntime);
      const tree = await compiled(params, x, noise);
      results[engine] = flat(names.map((name) => tree[name]!));
      await compiled.dispose();
      tf.dispose(tree);
    }
    await useEngine("cpu");
    tf.tidy(() => {
      const eager = names.map((name) => gradient(params, x, noise)[name]!);
      const vs = directions(eager);
      const value = (ws: tf.Tensor[]): number[] => {
        const moved = Object.fromEntries(names.map((name, i) => [name, ws[i]!]));
        return flat([lossOf(moved, x, noise)]);
      };
      expect(largestError(flat([dot(eager, vs)]), directional(value, drawn, vs)), "differences").toBeLessThan(2e-3);
      for (const engine of ["cpu", "onnx"])
        expect(largestError(results[engine]!, flat(eager)), engine).toBeLessThan(2e-5);
    });
    tf.dispose([params, x, noise]);
  });
});

describe("nested gradients", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("regard as constant what does not come from the inner parameters", () => {
    // ∂/∂q (q x²) = x², although x² was computed from the same x before.
    const fn = (x: tf.Tensor): tf.Tensor => {
      const square = tf.square(x);
      return tf.sum(grad((q: tf.Tensor) => tf.sum(tf.mul(q, square)))(x));
    };
    const x = tf.tensor1d([0.5, 2]);
    expect([...grad(fn)(x).dataSync()]).toEqual([1, 4]);
  });

  it("give third derivatives", () => {
    const derivative = (fn: (x: tf.Tensor) => tf.Tensor) => grad((x: tf.Tensor) => tf.sum(fn(x)));
    const third = derivative(derivative(derivative(tf.tanh)))(tf.scalar(0.3)).dataSync()[0]!;
    const t = Math.tanh(0.3);
    expect(third).toBeCloseTo((1 - t * t) * (6 * t * t - 2), 5);
  });

  it("carry values and auxiliary results of inner gradients outwards", () => {
    const inner = valueAndGrad((q: tf.Tensor) => [tf.sum(tf.square(q)), tf.exp(q)] as const, { hasAux: true });
    const outer = grad((x: tf.Tensor) => {
      const { value, grad: slope, aux } = inner(x);
      return tf.add(tf.mul(value, tf.sum(slope)), tf.sum(aux));
    });
    // x² · 2x + eˣ
    expect(outer(tf.scalar(0.5)).dataSync()[0]).toBeCloseTo(6 * 0.25 + Math.exp(0.5), 5);
  });

  it("refuse kernels and custom gradients that are not proven, by name, and leave nothing behind", () => {
    const images = tf.ones([1, 4, 4, 1]);
    const twice = (fn: (x: tf.Tensor) => tf.Tensor) => (): tf.Tensor =>
      tf.tidy(() => grad((x: tf.Tensor) => tf.sum(tf.square(grad((y: tf.Tensor) => tf.sum(fn(y)))(x))))(images));
    const before = tf.memory().numTensors;
    expect(twice((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"))).toThrow(
      /^the gradient of the kernel "MaxPool" cannot be differentiated again\. Write it with other operations/,
    );
    const logits = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [4, 4]);
    expect(twice((x) => tf.losses.softmaxCrossEntropy(tf.eye(4), logits(x)))).toThrow(
      /^the custom gradient of "softmaxCrossEntropy\w*" saves tensors other than its inputs and its result/,
    );
    expect(twice((x) => tf.topk(x, 1).values)).toThrow(/^the kernel "TopK" has no gradient/);
    expect(tf.memory().numTensors).toBe(before);
    // They are allowed in the outer function, which is not differentiated again.
    const outer = grad((x: tf.Tensor) => {
      const slope = grad((y: tf.Tensor) => tf.sum(tf.square(y)))(x);
      return tf.sum(tf.maxPool(slope as tf.Tensor4D, 2, 2, "valid"));
    });
    expect(tf.tidy(() => outer(images)).dataSync().length).toBe(16);
  });

  it("free what they saved", () => {
    const x = tf.ones([2, 3]);
    const before = tf.memory().numTensors;
    for (const activation of [tf.tanh, tf.elu, tf.logSoftmax, (y: tf.Tensor) => tf.leakyRelu(y, 0.1)]) {
      const slope = grad((y: tf.Tensor) => tf.sum(tf.square(activation(y))));
      grad((y: tf.Tensor) => tf.sum(tf.square(slope(y))))(x).dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it("are refused where the tape takes nothing down", () => {
    const slope = grad((y: tf.Tensor) => tf.sum(tf.square(y)));
    const custom = tf.customGrad((y) => ({ value: slope(y as tf.Tensor), gradFunc: (dy: tf.Tensor) => dy }));
    expect(() => custom(tf.ones([2]))).toThrow(/inside the forward function of a custom gradient/);
  });

  it("keep the form of the leaky unit's gradient in recorded graphs", () => {
    const energy = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(tf.leakyRelu(x, 0.1)));
    const product = (x: tf.Tensor): tf.Tensor => grad((y: tf.Tensor) => tf.sum(tf.mul(grad(energy)(y), y)))(x);
    const { graph } = record(product, [tf.ones([3])], { engine: "none", supports: () => true, alternatives: [] });
    const selects = graph.nodes.filter(({ kernel }) => kernel === "Select");
    expect(selects.length).toBeGreaterThan(1);
    for (const { inputs } of selects) {
      const writer = (name: string): string | undefined => {
        const id = inputs.find((one) => one.name === name)!.id;
        return graph.nodes.find(({ outputs }) => outputs[0]!.id === id)?.kernel;
      };
      expect([writer("condition"), writer("e")]).toEqual(["Greater", "Multiply"]);
    }
  });
});
