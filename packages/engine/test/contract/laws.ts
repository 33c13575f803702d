/**
 * The laws of every engine, as functions that throw. They need no test runner, so they also run in
 * a page.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import {
  compile,
  currentEngine,
  disposeEngine,
  EngineError,
  grad,
  TraceError,
  useEngine,
  valueAndGrad,
  type EngineName,
} from "../../src/index.js";
import { convolution, normals } from "./by-hand.js";

type Law = () => Promise<void>;

const fail = (message: string): never => {
  throw new Error(message);
};

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) fail(`${what}: ${a}, expected ${b}`);
}

/** Equal up to `tolerance` of the largest expected number. */
function near(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string, tolerance = 1e-5): void {
  same(actual.length, expected.length, `${what}, length`);
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-30);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / scale;
    if (!(error <= tolerance)) fail(`${what}[${i}]: ${actual[i]}, expected ${expected[i]}`);
  }
}

async function rejects(work: Promise<unknown>, kind: new (...args: never[]) => Error, what: string): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof kind) return error.message;
    return fail(`${what}: threw ${String(error)}, expected a ${kind.name}`);
  }
  return fail(`${what}: nothing thrown, expected a ${kind.name}`);
}

/** The numbers of a tensor, read asynchronously as GPUs require. The tensor is disposed. */
async function take(tensor: tf.Tensor): Promise<number[]> {
  const numbers = Array.from((await tensor.data()) as ArrayLike<number>);
  tensor.dispose();
  return numbers;
}

const held = (): number[] => [tf.memory().numTensors, tf.backend().numDataIds()];

/** A Langevin step on `sum tanh(x w)`. */
const langevin = (w: tf.Tensor2D, x: tf.Tensor, key: Key): tf.Tensor => {
  const slope = grad((at: tf.Tensor) => tf.sum(tf.tanh(tf.matMul(at as tf.Tensor2D, w))))(x);
  return tf.add(tf.sub(x, tf.mul(0.1, slope)), random.normal(key, x.shape));
};

export const laws: Readonly<Record<string, Law>> = {
  "computes a function": async () => {
    const [x, w] = [normals(1, 4 * 3), normals(2, 3 * 5)];
    const layer = compile((a: tf.Tensor2D, b: tf.Tensor2D) => tf.mean(tf.tanh(tf.matMul(a, b)), 0));
    const expected = Array.from({ length: 5 }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < 4; i++) {
        let dot = 0;
        for (let k = 0; k < 3; k++) dot += x[i * 3 + k]! * w[k * 5 + j]!;
        sum += Math.tanh(dot) / 4;
      }
      return sum;
    });
    near(await take(await layer(tf.tensor2d(x, [4, 3]), tf.tensor2d(w, [3, 5]))), expected, "mean tanh(x w)");
    await layer.dispose();
  },

  "computes values and gradients": async () => {
    const [x, w] = [normals(3, 6 * 4), normals(4, 4)];
    const loss = (p: { w: tf.Tensor }, a: tf.Tensor) =>
      tf.mean(tf.square(tf.matMul(a as tf.Tensor2D, p.w as tf.Tensor2D)));
    const step = compile((p: { w: tf.Tensor }, a: tf.Tensor) => valueAndGrad(loss)(p, a));
    const { value, grad: slope } = await step({ w: tf.tensor2d(w, [4, 1]) }, tf.tensor2d(x, [6, 4]));
    const dots = Array.from({ length: 6 }, (_, i) => w.reduce((sum, weight, k) => sum + weight * x[i * 4 + k]!, 0));
    near(await take(value), [dots.reduce((sum, dot) => sum + (dot * dot) / 6, 0)], "value");
    const expected = w.map((_, k) => dots.reduce((sum, dot, i) => sum + (2 / 6) * dot * x[i * 4 + k]!, 0));
    near(await take(slope.w), expected, "gradient");
    await step.dispose();
  },

  "computes second derivatives": async () => {
    const slope = (x: tf.Tensor) => grad((y: tf.Tensor) => tf.sum(tf.tanh(y)))(x);
    const curvature = compile((x: tf.Tensor) => grad((y: tf.Tensor) => tf.sum(tf.mul(slope(y), y)))(x));
    const x = [-1.5, -0.2, 0, 0.7, 2];
    const expected = x.map((v) => (1 - Math.tanh(v) ** 2) * (1 - 2 * v * Math.tanh(v)));
    near(await take(await curvature(tf.tensor1d(x))), expected, "derivative of x tanh'(x)");
    await curvature.dispose();
  },

  "differentiates convolutions": async () => {
    for (const [stride, pad] of [
      [1, "same"],
      [2, "same"],
      [2, "valid"],
    ] as const) {
      // prettier-ignore
      const known = convolution({ batch: 2, size: 7, from: 3, to: 4, filter: 3, stride, pad });
      const loss = (p: { x: tf.Tensor4D; filter: tf.Tensor4D }, dy: tf.Tensor) =>
        tf.sum(tf.mul(tf.conv2d(p.x, p.filter, stride, pad), dy));
      const step = compile((x: tf.Tensor4D, filter: tf.Tensor4D, dy: tf.Tensor) => ({
        y: tf.conv2d(x, filter, stride, pad),
        slopes: valueAndGrad(loss)({ x, filter }, dy).grad,
      }));
      const what = `convolution, stride ${stride}, ${pad}`;
      const [x, filter, dy] = known.tensors();
      const { y, slopes } = await step(x, filter, dy);
      near(await take(y), known.y, what);
      near(await take(slopes.x), known.dx, `${what}, gradient of the image`);
      near(await take(slopes.filter), known.dFilter, `${what}, gradient of the filter`);
      tf.dispose([x, filter, dy]);
      await step.dispose();
    }
  },

  "differentiates transposed convolutions": async () => {
    const known = convolution({ batch: 2, size: 8, from: 3, to: 4, filter: 4, stride: 2, pad: "same" });
    const [image, filter, small] = known.tensors();
    // The transposed convolution is the gradient of a convolution. Its own gradients are therefore
    // the convolution and the filter gradient.
    const up = (p: { small: tf.Tensor4D; filter: tf.Tensor4D }) =>
      tf.conv2dTranspose(p.small, p.filter, [2, 8, 8, 3], 2, "same");
    const step = compile((p: { small: tf.Tensor4D; filter: tf.Tensor4D }, weights: tf.Tensor) => ({
      y: up(p),
      slopes: valueAndGrad((q: typeof p, b: tf.Tensor) => tf.sum(tf.mul(up(q), b)))(p, weights).grad,
    }));
    const { y, slopes } = await step({ small, filter }, image);
    near(await take(y), known.dx, "transposed convolution");
    near(await take(slopes.small), known.y, "gradient of its image");
    near(await take(slopes.filter), known.dFilter, "gradient of its filter");
    tf.dispose([image, filter, small]);
    await step.dispose();
  },

  "differentiates depthwise convolutions, gathers and einsums": async () => {
    const x = [1, -2, 3, 0.5, 4, -1, 2, 1, -3];
    const blur = compile((a: tf.Tensor4D, f: tf.Tensor4D) =>
      valueAndGrad((p: { a: tf.Tensor4D; f: tf.Tensor4D }) =>
        tf.sum(tf.square(tf.depthwiseConv2d(p.a, p.f, 1, "valid"))),
      )({ a, f }),
    );
    const windows = [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]; // prettier-ignore
    const f = [1, 0.5, -1, 2];
    const y = windows.map((window) => window.reduce((sum, at, k) => sum + x[at]! * f[k]!, 0));
    const dx = x.map((_, at) => windows.reduce((sum, window, i) => sum + 2 * y[i]! * (f[window.indexOf(at)] ?? 0), 0));
    const df = f.map((_, k) => windows.reduce((sum, window, i) => sum + 2 * y[i]! * x[window[k]!]!, 0));
    const { grad: slopes } = await blur(tf.tensor4d(x, [1, 3, 3, 1]), tf.tensor4d(f, [2, 2, 1, 1]));
    near(await take(slopes.a), dx, "depthwise, gradient of the image");
    near(await take(slopes.f), df, "depthwise, gradient of the filter");
    await blur.dispose();

    const pick = compile((a: tf.Tensor) =>
      grad((b: tf.Tensor) => tf.sum(tf.square(tf.gather(b, tf.tensor1d([2, 0, 2], "int32")))))(a),
    );
    near(await take(await pick(tf.tensor1d([1, 5, 3]))), [2, 0, 12], "gradient of gather");
    await pick.dispose();

    const trace = compile((a: tf.Tensor2D, b: tf.Tensor2D) =>
      grad((c: tf.Tensor) => tf.sum(tf.einsum("ij,jk->ik", c as tf.Tensor2D, b)))(a),
    );
    near(await take(await trace(tf.ones([2, 2]), tf.tensor2d([[1, 2], [3, 4]]))), [3, 7, 3, 7], "gradient of einsum"); // prettier-ignore
    await trace.dispose();
  },

  "draws the host's numbers from a key, which later calls leave alone": async () => {
    const drawn = (key: Key) => random.split(key, 2).map((child) => random.normal(child, [3, 5]));
    const noise = compile((key: Key) => drawn(key).flatMap((x) => [x, tf.reshape(x, [15])]));
    const keys = [7, 8, 9, 10].map((seed) => random.key(seed));
    const inTurn = [await noise(keys[0]!), await noise(keys[1]!)];
    const atOnce = await Promise.all([noise(keys[2]!), noise(keys[3]!)]);
    for (const [i, results] of [...inTurn, ...atOnce].entries()) {
      const expected = await Promise.all(drawn(keys[i]!).map(take));
      same(await Promise.all(results.map(take)), expected.flatMap((numbers) => [numbers, numbers]), `draws of call ${i}`); // prettier-ignore
    }
    same(noise.programs, 1, "programs");
    await noise.dispose();
  },

  "gives the same numbers again": async () => {
    const [w, x] = [tf.tensor2d(normals(5, 12), [3, 4]), tf.tensor2d(normals(6, 6), [2, 3])];
    const step = compile(langevin);
    const first = await take(await step(w, x, random.key(1)));
    same(await take(await step(w, x, random.key(1))), first, "second call");
    await disposeEngine();
    same(await take(await step(w, x, random.key(1))), first, "after the programs were freed");
    tf.dispose([w, x]);
    await step.dispose();
  },

  "records once for each signature": async () => {
    const scale = compile((x: tf.Tensor, by: number) => tf.mul(x, by));
    const call = async (length: number, by: number): Promise<void> => {
      const x = tf.ones([length]);
      same(await take(await scale(x, by)), new Array(length).fill(by), `ones times ${by}`);
      x.dispose();
    };
    for (const [length, by, programs] of [
      [2, 3, 1],
      [2, 3, 1],
      [3, 3, 2],
      [2, 4, 3],
      [3, 3, 3],
    ] as const) {
      // prettier-ignore
      await call(length, by);
      same(scale.programs, programs, "programs");
    }
    await scale.dispose();
    await call(2, 3);
    same(scale.programs, 4, "programs after dispose");
    await scale.dispose();
  },

  "reads captured variables at every call": async () => {
    const rate: tf.Variable = tf.variable(tf.scalar(2));
    const scaled = compile((x: tf.Tensor) => tf.mul(x, rate));
    same(await take(await scaled(tf.tensor1d([1, 2]))), [2, 4], "the first value");
    rate.assign(tf.scalar(10));
    same(await take(await scaled(tf.tensor1d([1, 2]))), [10, 20], "the assigned value");
    await scaled.dispose();
    rate.dispose();
  },

  "refuses random numbers without a key, and clocks": async () => {
    const refused: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
      "tf.randomNormal": (x) => tf.add(x, tf.randomNormal([2])),
      "tf.dropout": (x) => tf.dropout(x, 0.5, undefined, 3),
      "Math.random": (x) => tf.add(x, Math.random()),
      "performance.now": (x) => tf.add(x, performance.now()),
      "new Date()": (x) => tf.add(x, new Date().getTime()),
    };
    for (const [call, fn] of Object.entries(refused)) {
      const message = await rejects(compile(fn)(tf.ones([2])), TraceError, call);
      if (!message.includes(`called ${call}. `)) fail(`${call}: the message is "${message}"`);
    }
  },

  "keeps types, and returns arguments, constants and repeated results": async () => {
    const x = tf.tensor1d([1, -2]);
    const all = compile((y: tf.Tensor) => {
      const twice = tf.mul(y, 2);
      return [y, twice, twice, tf.tensor1d([3, 4], "int32"), tf.greater(y, 0), tf.cast(y, "int32")];
    });
    const results = await all(x);
    same(new Set([x, ...results]).size, 7, "different tensors");
    same(results.map(({ dtype }) => dtype), ["float32", "float32", "float32", "int32", "bool", "int32"], "types"); // prettier-ignore
    same(await Promise.all(results.map(take)), [[1, -2], [2, -4], [2, -4], [3, 4], [1, 0], [1, -2]], "results"); // prettier-ignore
    same(await take(x), [1, -2], "the argument");
    await all.dispose();
  },

  "lets calls overlap": async () => {
    const square = compile((x: tf.Tensor) => tf.square(x));
    const xs = [1, 2, 3, 4].map((value) => tf.scalar(value));
    const results = await Promise.all(xs.map((x) => square(x)));
    same(await Promise.all(results.map(take)), [[1], [4], [9], [16]], "squares");
    tf.dispose(xs);
    await square.dispose();
  },

  "says what went wrong, and goes on": async () => {
    const engine = currentEngine()!.name;
    const x = tf.tensor1d([1, 2]);
    const reading = compile((y: tf.Tensor) => tf.scalar(tf.sum(y).dataSync()[0]!));
    await rejects(reading(x), TraceError, "reading a value inside");
    const square = compile((y: tf.Tensor) => tf.square(y));
    const gone = tf.scalar(1);
    gone.dispose();
    await rejects(square(gone), EngineError, "a disposed argument");
    const message = await rejects(useEngine("abacus" as EngineName), Error, "an unknown engine");
    if (!message.includes(engine)) fail(`the message names no engines: ${message}`);
    same(currentEngine()!.name, engine, "the engine in use");
    same(await take(await square(x)), [1, 4], "the next call");
    x.dispose();
    await square.dispose();
  },

  "keeps nothing from call to call": async () => {
    const [w, x] = [tf.tensor2d(normals(5, 12), [3, 4]), tf.tensor2d(normals(6, 6), [2, 3])];
    const step = compile(langevin);
    await take(await step(w, x, random.key(0)));
    const before = held();
    for (let i = 1; i <= 20; i++) await take(await step(w, x, random.key(i)));
    same(held(), before, "tensors and arrays held after 20 calls");
    await step.dispose();
    tf.dispose([w, x]);
  },

  "frees programs and loads them again": async () => {
    const before = held();
    const shift = compile((x: tf.Tensor) => tf.add(x, tf.tensor1d([10, 20])));
    const x = tf.tensor1d([1, 2]);
    const pending = shift(x);
    await disposeEngine();
    same(await take(await pending), [11, 22], "a call that was running");
    same(await take(await shift(x)), [11, 22], "a later call");
    await shift.dispose();
    same(await take(await shift(x)), [11, 22], "a call after dispose");
    await shift.dispose();
    x.dispose();
    same(held(), before, "tensors and arrays held");
  },
};

/** The outcome of every law on an engine: the failure, or undefined. */
export async function runLaws(engine: EngineName): Promise<Record<string, string | undefined>> {
  await useEngine(engine);
  const outcomes: Record<string, string | undefined> = {};
  for (const [name, law] of Object.entries(laws)) {
    outcomes[name] = await law().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? `${error.message}\n${error.stack}` : String(error)),
    );
  }
  return outcomes;
}
