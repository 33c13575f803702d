/**
 * Compares every compiled engine with the plain CPU backend of TensorFlow.js: values and
 * first-order gradients.
 *
 * A case draws problems, with shapes and attributes. A problem is a function of tensors with its
 * arguments.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad, type EngineName } from "../src/index.js";
import { isSmall } from "../src/host/small-programs.js";
import { record } from "../src/recorder/record.js";
import { nativeTensorFlow } from "./native-tensorflow.js";
import { waysOn } from "./ways.js";

/** The engines under test. */
export const engines: readonly EngineName[] = ["onnx", "cpu", ...(nativeTensorFlow ? (["tensorflow"] as const) : [])];
export const ways = waysOn(engines);

/** A tensor made from a key. */
export type Draw = (key: Key) => tf.Tensor;

export interface Problem {
  readonly fn: (...xs: never[]) => tf.Tensor | readonly tf.Tensor[];
  readonly inputs: readonly Draw[];
  /**
   * False for functions that are constant almost everywhere, and for those whose gradient
   * TensorFlow.js lacks or computes wrongly.
   */
  readonly differentiable?: boolean;
  /** Largest error relative to the largest entry. */
  readonly tolerance?: number;
}

export type Case = readonly [name: string, problems: fc.Arbitrary<Problem>];

export const normal =
  (shape: readonly number[]): Draw =>
  (key) =>
    random.normal(key, [...shape]);
export const positive =
  (shape: readonly number[]): Draw =>
  (key) =>
    tf.tidy(() => tf.add(tf.abs(random.normal(key, [...shape])), 0.3));
/** Between -0.95 and 0.95. */
export const inside =
  (shape: readonly number[]): Draw =>
  (key) =>
    tf.tidy(() => tf.sub(tf.mul(random.uniform(key, [...shape]), 1.9), 0.95));
/** In [low, high). */
export const integers =
  (shape: readonly number[], low: number, high: number): Draw =>
  (key) =>
    tf.tidy(() => tf.cast(tf.floor(tf.add(tf.mul(random.uniform(key, [...shape]), high - low), low)), "int32"));
export const booleans =
  (shape: readonly number[]): Draw =>
  (key) =>
    tf.tidy(() => tf.less(random.uniform(key, [...shape]), 0.5));
export const exactly =
  (
    values: readonly number[],
    shape: readonly number[] = [values.length],
    dtype: tf.NumericDataType = "float32",
  ): Draw =>
  () =>
    tf.tensor([...values], [...shape], dtype);

/** Sizes of axes, small so that runs are quick. */
export const size = fc.integer({ min: 1, max: 5 });
export const shapeOf = (minRank: number, maxRank: number): fc.Arbitrary<number[]> =>
  fc.array(size, { minLength: minRank, maxLength: maxRank });
/** Shapes with one of their axes, possibly counted from the end. */
export const shapeAndAxis = (minRank = 1, maxRank = 3): fc.Arbitrary<{ shape: number[]; axis: number }> =>
  shapeOf(minRank, maxRank).chain((shape) =>
    fc.integer({ min: -shape.length, max: shape.length - 1 }).map((axis) => ({ shape, axis })),
  );
/**
 * Two shapes that broadcast against each other. Some axes are 1 in one of them, and leading axes
 * may be absent.
 */
export const broadcastPair = fc
  .tuple(
    shapeOf(0, 3),
    fc.array(fc.constantFrom("both", "a", "b"), { minLength: 3, maxLength: 3 }),
    fc.nat(2),
    fc.boolean(),
  )
  .map(([shape, keep, absent, swap]) => {
    const a = shape.map((n, i) => (keep[i] === "b" ? 1 : n));
    const b = shape.map((n, i) => (keep[i] === "a" ? 1 : n)).slice(Math.min(absent, shape.length));
    return swap ? ([b, a] as const) : ([a, b] as const);
  });

/** The same problem for every drawn shape. */
export const onShapes = (make: (shape: number[]) => Problem, shapes = shapeOf(0, 3)): fc.Arbitrary<Problem> =>
  shapes.map(make);

/** The largest difference, relative to the largest entry. Shapes and types must also agree. */
export function largestError(actual: tf.Tensor, expected: tf.Tensor): number {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dtype).toBe(expected.dtype);
  const [x, y] = [actual.dataSync(), expected.dataSync()];
  const scale = Math.max(1e-30, ...Array.from(y, (v) => (Number.isFinite(v) ? Math.abs(v) : 0)));
  const errors = Array.from(x, (v, i) =>
    v === y[i] || (Number.isNaN(v) && Number.isNaN(y[i])) ? 0 : Math.abs(v - y[i]!) / scale,
  );
  return errors.reduce((largest, error) => (error <= largest ? largest : error), 0);
}

const listOf = (result: tf.Tensor | readonly tf.Tensor[]): tf.Tensor[] => [result].flat() as tf.Tensor[];

/**
 * All results, and the gradients of their weighted sum with respect to all real inputs. Every entry
 * has a different weight.
 */
export const evaluation =
  ({ fn, differentiable = true }: Problem) =>
  (xs: tf.Tensor[]): tf.Tensor[] => {
    const call = (ys: readonly tf.Tensor[]): tf.Tensor[] => listOf(fn(...(ys as never[])));
    if (!differentiable) return call(xs);
    const real = xs.filter(({ dtype }) => dtype === "float32");
    const weighted = (ys: tf.Tensor[]): tf.Tensor => {
      const results = call(xs.map((x) => (x.dtype === "float32" ? ys[real.indexOf(x)]! : x)));
      const sums = results.map((y) => tf.sum(tf.mul(y, tf.cos(tf.reshape(tf.range(0, y.size), y.shape)))));
      return sums.reduce((a, b) => tf.add(a, b));
    };
    return [...call(xs), ...valueAndGrad(weighted)(real).grad];
  };

const recording = { engine: "none", supports: () => true, alternatives: [] };

/** Runs a problem eagerly, and compiled on every engine. */
export async function expectAgreement(problem: Problem): Promise<void> {
  await useEngine("cpu");
  const inputs = problem.inputs.map((draw, i) => draw(random.fold(random.key(7), i)));
  const run = evaluation(problem);
  const expected = tf.tidy(() => run(inputs));
  const { graph } = record(run as (...args: never[]) => unknown, [inputs], recording);
  for (const { name, engine, options } of ways) {
    if (options.smallAsCode === undefined && !isSmall(graph)) continue;
    await useEngine(engine);
    const compiled = compile(run, options);
    const actual = await compiled(inputs);
    await compiled.dispose();
    expect(actual.length).toBe(expected.length);
    actual.forEach((result, i) => {
      const error = largestError(result, expected[i]!);
      expect(error, `${name}, result ${i} of shape [${result.shape.join()}]`).toBeLessThan(problem.tolerance ?? 2e-5);
    });
    tf.dispose(actual);
  }
  tf.dispose([inputs, expected]);
}

/** One test per case. A few problems each keep a run short, and the seed is fixed. */
export function check(cases: readonly Case[], numRuns = 5, expectation = expectAgreement): void {
  beforeAll(async () => {
    await useEngine("cpu");
  });
  it.each(cases.map(([name, problems]) => [name, problems] as const))("%s", async (_, problems) => {
    await fc.assert(fc.asyncProperty(problems, expectation), { seed: 20, numRuns });
  });
}
