/** Generated code against TensorFlow.js' own CPU backend: kernels, gradients, recursions. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hostProgram, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, tree, type Tree } from "@ergodic/tensor";

beforeAll(async () => {
  await useEngine("cpu");
});

type Fn = (...xs: tf.Tensor[]) => Tree<tf.Tensor>;

/** Runs a function both ways and compares every number of the result. */
function expectSame(fn: Fn, ...xs: tf.Tensor[]): void {
  const program = hostProgram(fn as (...args: tf.Tensor[]) => Tree<tf.Tensor>, xs)!;
  expect(program).toBeDefined();
  // Twice, since buffers are used again.
  for (let time = 0; time < 2; time++) {
    xs.forEach((x, i) => program.inputs[i]?.set(x.dataSync()));
    program.run();
  }
  tree.leaves(fn(...xs)).forEach((leaf, i) => {
    const wanted = leaf.dataSync();
    expect(program.outputs[i]).toHaveLength(wanted.length);
    wanted.forEach((value, k) => {
      const found = program.outputs[i]![k]!;
      if (Number.isFinite(value)) expect(Math.abs(found - value)).toBeLessThan(2e-5 * (1 + Math.abs(value)));
      else expect(found).toBe(value);
    });
  });
}

const key = random.key("host");
const normal = (shape: number[], i = 0) => random.normal(random.fold(key, i), shape);
const above = (shape: number[], i = 0) => tf.add(0.1, tf.abs(normal(shape, i)));

describe("entry by entry", () => {
  const functions: readonly (readonly [string, (x: tf.Tensor) => tf.Tensor, ((shape: number[]) => tf.Tensor)?])[] = [
    ["exp", tf.exp],
    ["log", tf.log, above],
    ["log1p", tf.log1p, above],
    ["expm1", tf.expm1],
    ["sqrt", tf.sqrt, above],
    ["rsqrt", tf.rsqrt, above],
    ["square", tf.square],
    ["abs", tf.abs],
    ["neg", tf.neg],
    ["reciprocal", tf.reciprocal, above],
    ["sigmoid", tf.sigmoid],
    ["softplus", tf.softplus],
    ["tanh", tf.tanh],
    ["sin", tf.sin],
    ["cos", tf.cos],
    ["atan", tf.atan],
    ["erf", tf.erf],
    ["elu", tf.elu],
    ["selu", tf.selu],
    ["relu", tf.relu],
    ["leaky", (x) => tf.leakyRelu(x, 0.3)],
    ["step", (x) => tf.step(x, 0.2)],
    ["sign", tf.sign],
    ["round", (x) => tf.round(tf.mul(2, tf.round(tf.mul(x, 2.1))))],
    ["floor", tf.floor],
    ["clip", (x) => tf.clipByValue(x, -0.4, 0.7)],
    ["power", (x) => tf.pow(x, 3), above],
    ["not a number", (x) => tf.log(tf.sub(x, 100))],
    ["logSumExp", (x) => tf.logSumExp(x, [1])],
    ["softmax", (x) => tf.softmax(x)],
    ["logSoftmax", (x) => tf.logSoftmax(x)],
    ["where", (x) => tf.where(tf.greater(x, 0), tf.mul(2, x), tf.exp(x))],
    ["where by rows", (x) => tf.where(tf.tensor2d([[1], [0], [1]], [3, 1], "bool"), x, tf.mul(3, x))],
    ["counts", (x) => tf.sum(tf.cast(tf.less(x, 0.2), "int32"), [1])],
  ];
  it.each(functions.map(([name, fn, make]) => [name, fn, make ?? normal] as const))("%s", (_, fn, make) => {
    // Loops of more than 16 entries are not written out.
    for (const width of [9, 4, 1]) expectSame(fn, make([3, width]));
  });

  it("broadcasts every way", () => {
    for (const [a, b] of [
      [[3, 4], [4]],
      [[5, 4], [4]],
      [
        [3, 1],
        [1, 4],
      ],
      [
        [2, 1, 3],
        [4, 1],
      ],
      [[1], [3, 2]],
      [
        [1, 1],
        [1, 5],
      ],
      [[], [2, 2]],
    ] as const) {
      for (const op of [tf.add, tf.sub, tf.mul, tf.div, tf.maximum, tf.minimum, tf.squaredDifference, tf.less, tf.mod])
        expectSame((x, y) => op(x!, y!) as tf.Tensor, normal([...a]), above([...b], 1));
    }
  });
});

describe("reductions", () => {
  it.each([
    ["sum", tf.sum],
    ["mean", tf.mean],
    ["max", tf.max],
    ["min", tf.min],
    ["prod", tf.prod],
  ] as const)("%s", (_, reduce) => {
    for (const axes of [[0], [1], [2], [0, 2], [1, 2], [0, 1, 2], [-1]])
      for (const keepDims of [true, false])
        expectSame((x) => tf.add(reduce(x!, axes, keepDims), reduce(tf.exp(x!), axes, keepDims)), normal([2, 3, 4]));
  });

  it("run along an axis", () => {
    for (const axis of [0, 1, 2])
      for (const [exclusive, reverse] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ])
        expectSame(
          (x) => [tf.cumsum(x!, axis, exclusive, reverse), tf.cumprod(x!, axis, exclusive, reverse)],
          normal([2, 3, 4]),
        );
  });
});

describe("layout, products and indices", () => {
  const cases: readonly (readonly [string, (x: tf.Tensor) => Tree<tf.Tensor>])[] = [
    ["slice", (x) => tf.slice(x, [1, 0, 2], [2, 2, -1])],
    ["slice of a slice", (x) => tf.slice(tf.transpose(x, [2, 0, 1]), [1, 1, 0], [2, 1, 3])],
    ["strided slice", (x) => tf.stridedSlice(x, [2, 0, 3], [0, 3, 0], [-1, 2, -2])],
    ["transpose", (x) => tf.exp(tf.transpose(x, [2, 0, 1]))],
    ["reverse", (x) => tf.add(1, tf.reverse(x, [0, 2]))],
    ["tile", (x) => tf.tile(x, [2, 1, 3])],
    ["reshape", (x) => tf.sum(tf.square(tf.reshape(tf.mul(x, 2), [4, 9])), 0)],
    ["concat", (x) => tf.concat([x, tf.mul(x, x), tf.slice(x, [0, 0, 1], [3, 3, 1])], 2)],
    ["stack", (x) => tf.stack([x, tf.neg(x)], 1)],
    ["unstack", (x) => tf.unstack(x, 1).map((part) => tf.mul(part, 2))],
    ["split", (x) => tf.split(x, [1, 3], 2)],
    [
      "pad",
      (x) =>
        tf.pad(
          x,
          [
            [1, 0],
            [0, 2],
            [1, 1],
          ],
          0.5,
        ),
    ],
    [
      "sum of pads",
      (x) =>
        tf.mul(
          2,
          tf.add(
            tf.pad(x, [
              [1, 1],
              [0, 0],
              [0, 0],
            ]),
            tf.pad(x, [
              [2, 0],
              [0, 0],
              [0, 0],
            ]),
          ),
        ),
    ],
    ["gather", (x) => tf.gather(x, tf.tensor1d([2, 0, 2], "int32"), 1)],
    [
      "gather at computed rows",
      (x) => tf.gather(x, tf.cast(tf.clipByValue(tf.abs(tf.slice(tf.reshape(x, [-1]), 0, 2)), 0, 2), "int32")),
    ],
    ["one-hot", (x) => tf.oneHot(tf.cast(tf.clipByValue(tf.reshape(tf.abs(x), [-1]), 0, 2), "int32"), 3)],
    ["segments", (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1], "int32"), 2)],
    ["zeros", (x) => tf.add(tf.onesLike(x), tf.zerosLike(x))],
  ];
  it.each(cases)("%s", (_, fn) => expectSame((x) => fn(x!), normal([3, 3, 4])));

  it("multiplies matrices, transposed and in batches", () => {
    for (const [ta, tb] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const shape = (turned: boolean, a: number, b: number) => (turned ? [b, a] : [a, b]);
      const [a, b] = [shape(ta!, 3, 4), shape(tb!, 4, 2)];
      const fn = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, tf.add(y, 1), ta, tb);
      expectSame(fn as Fn, normal(a), normal(b, 1));
      expectSame(fn as Fn, normal([2, ...a]), normal([1, ...b], 1));
    }
  });
});

/** E and ∇E of one chain. */
const withGradient = (energy: (x: tf.Tensor) => tf.Tensor): Fn => {
  const evaluate = valueAndGrad((x: tf.Tensor) => tf.sum(energy(x)));
  return (x) => {
    const { value, grad } = evaluate(x!);
    return [value, grad];
  };
};

describe("energies with their gradients", () => {
  const column = (x: tf.Tensor, i: number) => tf.slice(x as tf.Tensor2D, [0, i], [-1, 1]);
  const data = () => random.normal(random.key("data"), [1, 40]);
  const energies: readonly (readonly [string, (x: tf.Tensor) => tf.Tensor])[] = [
    [
      "of a regression",
      (x) => {
        const logs = column(x, 2);
        const r = tf.div(tf.sub(data(), tf.add(column(x, 0), tf.mul(column(x, 1), tf.square(data())))), tf.exp(logs));
        return tf.add(tf.sum(tf.mul(0.5, tf.square(r)), [1]), tf.mul(40, tf.squeeze(logs, [1])));
      },
    ],
    [
      "of a recursion",
      (x) => {
        const [mu, phi, theta] = [0, 1, 2].map((i) => column(x, i)) as [tf.Tensor, tf.Tensor, tf.Tensor];
        let err: tf.Tensor = tf.sub(0.3, tf.add(mu, tf.mul(phi, mu)));
        const all = [err];
        for (let t = 1; t < 60; t++) {
          err = tf.sub(Math.sin(t), tf.add(tf.add(mu, tf.mul(phi, Math.sin(t - 1))), tf.mul(tf.tanh(theta), err)));
          all.push(err);
        }
        return tf.sum(tf.square(tf.concat(all, 1)), [1]);
      },
    ],
    [
      "of a recursion over slices of a vector",
      (x) => {
        const path = tf.mul(data(), column(x, 0));
        let h: tf.Tensor = column(x, 1);
        const all = [h];
        for (let t = 1; t < 40; t++) {
          h = tf.add(tf.mul(0.5, h), tf.square(tf.slice(path as tf.Tensor2D, [0, t], [1, 1])));
          all.push(h);
        }
        return tf.sum(tf.log(tf.add(1, tf.square(tf.stack(all)))), [0, 2]);
      },
    ],
    ["with groups", (x) => tf.sum(tf.square(tf.sub(tf.gather(x, tf.tensor1d([0, 1, 1, 2, 0], "int32"), 1), 0.5)), [1])],
    [
      "with a softmax and a product",
      (x) => tf.neg(tf.sum(tf.log(tf.matMul(tf.softmax(x) as tf.Tensor2D, tf.fill([3, 2], 0.6) as tf.Tensor2D)), [1])),
    ],
  ];
  it.each(energies)("%s", (_, energy) => expectSame(withGradient(energy), normal([1, 3])));
});

it("has erf in double precision", () => {
  // python -c "import math; print([math.erf(x) for x in (1e-9, 0.1, -0.5, 1, 2, 3.5, -5)])"
  const right = [
    ...[1.1283791670955127e-9, 0.1124629160182849, -0.5204998778130465, 0.8427007929497149, 0.9953222650189527],
    ...[0.9999992569016276, -0.9999999999984626],
  ];
  const program = hostProgram(tf.erf, [tf.zeros([7])])!;
  program.inputs[0]!.set([1e-9, 0.1, -0.5, 1, 2, 3.5, -5]);
  program.run();
  right.forEach((value, i) => expect(Math.abs(program.outputs[0]![i]! / value - 1)).toBeLessThan(1e-14));
});

it("is in double precision", () => {
  const program = hostProgram((x: tf.Tensor) => tf.sub(tf.add(x, 1e8), 1e8), [tf.zeros([2])])!;
  program.inputs[0]!.set([0.123, 0.5]);
  program.run();
  expect(program.outputs[0]![0]).toBeCloseTo(0.123, 7);
});

it("splits long programs, and counts what they compute", () => {
  const long = (x: tf.Tensor) => {
    let y = x;
    for (let i = 0; i < 2_000; i++) y = tf.add(tf.mul(0.999, y), x);
    return y;
  };
  expectSame((x) => long(x!), normal([1]));
  expect(hostProgram(long, [tf.zeros([1])])!.operations).toBeGreaterThanOrEqual(4_000);
});

it("reads variables when asked, and makes nothing of what has no code", () => {
  const variable = tf.variable(tf.scalar(2));
  const program = hostProgram((x: tf.Tensor) => tf.mul(x, variable), [tf.zeros([1])])!;
  program.inputs[0]!.set([3]);
  program.run();
  expect(program.outputs[0]![0]).toBe(6);
  variable.assign(tf.scalar(5));
  program.refresh();
  program.run();
  expect(program.outputs[0]![0]).toBe(15);
  variable.dispose();
  expect(hostProgram((x: tf.Tensor) => tf.topk(x, 1).values, [tf.zeros([3])])).toBeUndefined();
  expect(
    hostProgram((x: tf.Tensor, k: typeof key) => tf.add(x, random.normal(k, [3])), [tf.zeros([3]), key]),
  ).toBeUndefined();
});
