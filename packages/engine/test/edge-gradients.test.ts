/**
 * Gradients at kinks, ties and infinite values agree with PyTorch's on every engine, eager and
 * compiled.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, useEngine, valueAndGrad } from "../src/index.js";
import { EDGE_CASES, type EdgeCase } from "./edge-cases.js";
import { ways } from "./kernel-cases.js";

/** Subnormal float32 numbers count as 0, because some engines flush them. */
const isClose = (actual: number, expected: number): boolean =>
  Object.is(actual, expected) ||
  actual === expected ||
  Math.abs(actual - expected) <= 1e-5 * Math.abs(expected) + 1.2e-38;

const listing = (rows: readonly (readonly number[])[]): string => rows.map((row) => `[${row.join(", ")}]`).join(" ");

/** The gradients of all cases, in one program. */
/** The gradient of a case. */
const gradient = (i: number): ((inputs: tf.Tensor1D[]) => tf.Tensor[]) =>
  grad((xs: tf.Tensor1D[]) => tf.sum(EDGE_CASES[i]![2](...xs)));

const inputsOf = (): tf.Tensor1D[][] =>
  EDGE_CASES.map(([, , , inputs]) => inputs.map((row) => tf.tensor1d([...row], "float32")));

/** Gradients as they are, or by one program for each case. */
const eachWay = [{ name: "as it is", engine: "cpu", options: undefined }, ...ways] as const;

describe.each(eachWay)("$name", ({ engine, options }) => {
  let results: number[][][];

  beforeAll(async () => {
    await useEngine(engine);
    const found = inputsOf().map((inputs, i) =>
      options === undefined ? gradient(i)(inputs) : compile(gradient(i), options)(inputs),
    );
    results = (await Promise.all(found)).map((rows) => rows.map((row) => [...row.dataSync()]));
  });

  it.each(EDGE_CASES.map(([name, , , , expected], i): [string, number, EdgeCase[4]] => [name, i, expected]))(
    "%s",
    (_, i, expected) => {
      const right = expected.every((row, k) => row.every((value, j) => isClose(results[i]![k]![j]!, value)));
      expect(right, `${listing(results[i]!)}, expected ${listing(expected)}`).toBe(true);
    },
  );
});

describe.each(ways)("on $name", ({ engine, options }) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  /** Value and gradient of log-sum-exp. */
  async function logSumExp(row: number[]): Promise<[number, number[]]> {
    const compiled = compile((x: tf.Tensor1D) => valueAndGrad((y: tf.Tensor1D) => tf.logSumExp(y))(x), options);
    const { value, grad: slope } = await compiled(tf.tensor1d(row));
    await compiled.dispose();
    return [value.dataSync()[0]!, [...slope.dataSync()]];
  }

  // log Σ exp has the limits -∞ and ∞, and its gradient has the limit of the softmax. PyTorch gives
  // NaN there, from an intermediate ∞ - ∞ or 0/0. Infinite entries share the gradient evenly, as
  // equal entries always do.
  it.each([
    [[-Infinity, -Infinity], -Infinity, [0.5, 0.5]],
    [[-Infinity], -Infinity, [1]],
    [[Infinity, 1], Infinity, [1, 0]],
    [[-Infinity, Infinity, 3e38], Infinity, [0, 1, 0]],
    [[Infinity, Infinity], Infinity, [0.5, 0.5]],
    [[-Infinity, 2], 2, [0, 1]],
    [[NaN, Infinity], NaN, [NaN, NaN]],
    [[NaN, -Infinity], NaN, [NaN, NaN]],
    [[3e38, -3e38], Math.fround(3e38), [1, 0]],
  ])("logSumExp(%j) is %d", async (row, value, slope) => {
    expect(await logSumExp(row)).toEqual([value, slope]);
  });

  it("takes log-sum-exp along axes, some rows without a finite entry", async () => {
    const rows = tf.tensor2d([
      [-Infinity, -Infinity],
      [0, 0],
      [1, -Infinity],
    ]);
    const compiled = compile(
      (x: tf.Tensor2D) => [tf.logSumExp(x, 1), tf.logSumExp(x, [0, 1], true), tf.logSumExp(x, -2)],
      options,
    );
    const [byRow, whole, byColumn] = await compiled(rows);
    expect([...byRow!.dataSync()]).toEqual([-Infinity, Math.fround(Math.LN2), 1]);
    expect(whole!.shape).toEqual([1, 1]);
    expect(whole!.dataSync()[0]).toBeCloseTo(Math.log(2 + Math.E), 6);
    expect(byColumn!.dataSync()[0]).toBeCloseTo(Math.log(1 + Math.E), 6);
    expect(byColumn!.dataSync()[1]).toBe(0);
  });

  it("keeps gradients of angles where squares leave the range of float32", async () => {
    // d atan2(y, x) = (x dy - y dx)/(x² + y²), which is (dy - dx)/(2a) at (a, a).
    const angles = compile((p: tf.Tensor[]) => grad(([y, x]: tf.Tensor[]) => tf.sum(tf.atan2(y!, x!)))(p), options);
    const [dy, dx] = await angles([tf.tensor1d([1e-30, 1e25]), tf.tensor1d([1e-30, 1e25])]);
    [0.5e30, 0.5e-25].forEach((slope, i) => {
      expect(dy!.dataSync()[i]! / slope).toBeCloseTo(1, 5);
      expect(dx!.dataSync()[i]! / slope).toBeCloseTo(-1, 5);
    });
  });
});

it("right after the engine is chosen, log-sum-exp needs neither a program nor a gradient to be right", async () => {
  await useEngine("cpu");
  expect(tf.logSumExp([-Infinity, -Infinity]).dataSync()[0]).toBe(-Infinity);
});
