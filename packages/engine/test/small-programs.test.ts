/** Small functions as generated JavaScript: when they are, and whose numbers they give. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { compile, grad, useEngine } from "../src/index.js";
import type { Graph } from "../src/graph.js";
import { isSmall, withSmallPrograms } from "../src/host/small-programs.js";
import { record } from "../src/recorder/record.js";

type Fn = (...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

beforeAll(() => useEngine("onnx"));

const graphOf = (fn: Fn, ...xs: tf.Tensor[]): Graph =>
  record(fn as (...args: never[]) => unknown, xs, { engine: "onnx", supports: () => true, alternatives: [] }).graph;

describe("a function runs as code", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** Whether the executor behind it was asked to load the function. */
  async function goesOn(fn: Fn, xs: tf.Tensor[], options = {}): Promise<boolean> {
    const load = vi.fn(async () => ({ run: async () => [], dispose: async () => {} }));
    await withSmallPrograms({ supports: () => true, load }).load(graphOf(fn, ...xs), options);
    return load.mock.calls.length > 0;
  }
  const affine: Fn = (x) => tf.add(tf.mul(x!, 2), 1);

  it("where it is small", async () => {
    expect(await goesOn(affine, [tf.zeros([4])])).toBe(false);
    expect(await goesOn(affine, [tf.zeros([0])])).toBe(false);
  });

  it("unless its numbers, its functions, its products or what it reads are many", async () => {
    expect(await goesOn(affine, [tf.zeros([2000])])).toBe(true);
    expect(await goesOn((x) => tf.exp(x!), [tf.zeros([500])])).toBe(true);
    expect(await goesOn((x) => tf.add(x!, 1), [tf.zeros([500])])).toBe(false);
    expect(await goesOn((x) => tf.matMul(x!, x!), [tf.zeros([20, 20])])).toBe(true);
    expect(await goesOn((x) => tf.slice(x!, [0], [1]), [tf.zeros([5000])])).toBe(true);
    const long: Fn = (x) => Array.from({ length: 5000 }).reduce<tf.Tensor>((y) => tf.add(tf.mul(y, 0.5), x!), x!);
    expect(await goesOn(long, [tf.zeros([1])])).toBe(true);
  });

  it("unless a kernel has no code", async () => {
    expect(await goesOn((x) => tf.topk(x!, 1).values, [tf.zeros([3])])).toBe(true);
    const inBatches: Fn = (x, i) => tf.gather(x!, i!, 1, 1);
    expect(await goesOn(inBatches, [tf.zeros([2, 2]), tf.zeros([2, 1], "int32")])).toBe(true);
  });

  it("unless the caller or the platform forbids it", async () => {
    expect(await goesOn(affine, [tf.zeros([4])], { smallAsCode: false })).toBe(true);
    vi.stubGlobal("Function", function refused() {
      throw new EvalError("refused");
    });
    expect(await goesOn(affine, [tf.zeros([4])])).toBe(true);
  });
});

/** Numbers of either sign and of every size, whose powers and products leave float32. */
const numbers = [0, -0, 1, -1, 0.3, -0.7, 2.5, -3.5, 1e-40, 1e-20, 3e19, -1e30, 88.9, 3e38, Infinity, -Infinity, NaN];

const bits = (x: tf.Tensor): unknown => ({ shape: x.shape, dtype: x.dtype, values: [...x.dataSync()] });

describe("the numbers are those of the plain engine, bit by bit", () => {
  /** The same function as code and eagerly. TensorFlow.js computes on the plain backend here. */
  async function expectSame(fn: Fn, ...xs: tf.Tensor[]): Promise<void> {
    expect(isSmall(graphOf(fn, ...xs))).toBe(true);
    const compiled = compile(fn);
    const found = [await compiled(...xs)].flat();
    await compiled.dispose();
    expect(found.map(bits)).toEqual([fn(...xs)].flat().map(bits));
  }

  const unary = {
    ...{ abs: tf.abs, acos: tf.acos, acosh: tf.acosh, asin: tf.asin, asinh: tf.asinh, atan: tf.atan, atanh: tf.atanh },
    ...{ ceil: tf.ceil, cos: tf.cos, cosh: tf.cosh, exp: tf.exp, expm1: tf.expm1, floor: tf.floor, log: tf.log },
    ...{ log1p: tf.log1p, neg: tf.neg, reciprocal: tf.reciprocal, relu: tf.relu, round: tf.round, sigmoid: tf.sigmoid },
    ...{ sign: tf.sign, sin: tf.sin, sinh: tf.sinh, sqrt: tf.sqrt, square: tf.square, tan: tf.tan, tanh: tf.tanh },
    ...{ isNaN: tf.isNaN, isInf: tf.isInf, isFinite: tf.isFinite, elu: tf.elu },
    clip: (x: tf.Tensor) => tf.clipByValue(x, -0.1, 0.7),
    leaky: (x: tf.Tensor) => tf.leakyRelu(x, 0.3),
    step: (x: tf.Tensor) => tf.step(x, 0.1),
    integers: (x: tf.Tensor) => tf.cast(x, "int32"),
    booleans: (x: tf.Tensor) => tf.cast(x, "bool"),
    sum: (x: tf.Tensor) => tf.sum(tf.slice(x, 0, 13)),
  };
  it.each(Object.entries(unary))("%s", async (_, fn) => {
    const some = [...random.host.normal(random.key(1), 40)];
    await expectSame((x) => fn(x!) as tf.Tensor, tf.tensor1d([...numbers, ...some]));
  });

  const binary = {
    ...{ add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, maximum: tf.maximum, minimum: tf.minimum, pow: tf.pow },
    ...{ atan2: tf.atan2, squaredDifference: tf.squaredDifference, equal: tf.equal, less: tf.less },
    ...{ notEqual: tf.notEqual, greater: tf.greater, lessEqual: tf.lessEqual, greaterEqual: tf.greaterEqual },
  };
  it.each(Object.entries(binary))("%s", async (_, fn) => {
    await expectSame(
      (x, y) => fn(x!, y!) as tf.Tensor,
      tf.tensor2d(numbers, [17, 1]),
      tf.tensor1d(numbers.slice(0, 9)),
    );
    await expectSame((x, y) => fn(x!, y!) as tf.Tensor, tf.tensor1d(numbers), tf.tensor1d([...numbers].reverse()));
  });

  const whole = {
    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
    maximum: tf.maximum,
    floorDiv: tf.floorDiv,
    div: tf.div,
  } as const;
  it.each(Object.entries(whole))("%s of whole numbers, which wrap at 32 bits", async (_, fn) => {
    const ends = [2 ** 31 - 1, -(2 ** 31), 7, -7, 65_537, 0];
    await expectSame((x, y) => fn(x!, y!) as tf.Tensor, tf.tensor1d(ends, "int32"), tf.tensor2d(ends, [6, 1], "int32"));
  });

  it("of chains of such kernels, on tensors of any shape", async () => {
    const steps: readonly ((x: tf.Tensor, y: tf.Tensor) => tf.Tensor)[] = [
      (x, y) => tf.add(x, y),
      (x, y) => tf.mul(x, tf.sub(0.1, y)),
      (x) => tf.tanh(x),
      (x) => tf.transpose(x),
      (x) => tf.reverse(x, 0),
      (x) => tf.where(tf.greater(x, 0.1), x, tf.mul(x, -0.3)),
      (x) => tf.concat([tf.slice(x, [1, 0], [-1, -1]), tf.slice(x, [0, 0], [1, -1])], 0),
      (x) => tf.pad(tf.slice(x, [0, 1], [-1, -1]), [[0, 0], [0, 1]], 0.7), // prettier-ignore
      (x) => tf.sub(x, tf.mul(0.2, tf.sum(x, 1, true))),
      (x) => tf.add(x, tf.cast(tf.cast(tf.mul(x, 3), "int32"), "float32")),
    ];
    const side = fc.integer({ min: 1, max: 5 });
    const chain = fc.array(fc.nat(steps.length - 1), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(side, chain, async (n, chosen) => {
        const [x, y] = [0, 1].map((i) => random.normal(random.fold(random.key(n), i), [n, n]));
        await expectSame((a, b) => chosen.reduce((value, step) => steps[step]!(value, b!), a!), x!, y!);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  it("of draws from keys", async () => {
    const noisy = (x: tf.Tensor, key: Key): tf.Tensor => tf.add(x, random.normal(key, [3, 2]));
    const [x, compiled] = [tf.ones([3, 2]), compile(noisy)];
    for (const seed of [1, 2])
      expect(bits(await compiled(x, random.key(seed)))).toEqual(bits(noisy(x, random.key(seed))));
  });
});

describe("results", () => {
  it("share no memory with arguments or with one another", async () => {
    const x = tf.tensor1d([1, 2, 3]);
    const same = compile((y: tf.Tensor) => [y, tf.reshape(y, [3, 1]), tf.add(y, 0), y]);
    const [first, second] = [await same(x), await same(x)];
    const arrays = [...first, ...second].map((y) => y.dataSync() as Float32Array);
    arrays.forEach((array, i) => array.fill(i + 10));
    arrays.forEach((array, i) => expect([...array]).toEqual([i + 10, i + 10, i + 10]));
    expect([...x.dataSync()]).toEqual([1, 2, 3]);
    expect([...(await same(x))[0]!.dataSync()]).toEqual([1, 2, 3]);
  });

  it("belong to their own call where calls overlap", async () => {
    const slope = compile((x: tf.Tensor) => grad((y: tf.Tensor) => tf.sum(tf.mul(tf.square(y), y)))(x));
    const found = await Promise.all([1, 2, 3, 4].map((value) => slope(tf.fill([5], value))));
    found.forEach((y, i) => expect([...y.dataSync()]).toEqual(Array(5).fill(3 * (i + 1) ** 2)));
  });
});
