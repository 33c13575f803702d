/**
 * Thousands of float32 splines compared with their definition in float64, inverted by bisection.
 *
 * Many have bins at the flattest and steepest limits.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, grad, useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { rationalQuadraticSpline } from "../src/index.js";

const bound = 5;
const least = 1e-3;

/** The knots on both axes and the slopes of a spline, in float64. */
interface Definition {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly slopes: readonly number[];
}

function definition(raw: Float64Array, bins: number): Definition {
  const knots = (own: Float64Array): number[] => {
    const top = Math.max(...own);
    const weights = Array.from(own, (value) => Math.exp(value - top));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const ends = [-bound];
    for (const weight of weights) ends.push(ends.at(-1)! + 2 * bound * (least + ((1 - bins * least) * weight) / total));
    return [...ends.slice(0, -1), bound];
  };
  const softplus = (value: number) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)));
  const inner = Array.from(raw.subarray(2 * bins), (value) => least + softplus(value));
  return { xs: knots(raw.subarray(0, bins)), ys: knots(raw.subarray(bins, 2 * bins)), slopes: [1, ...inner, 1] };
}

interface Exact {
  readonly value: number;
  readonly log: number;
}

/** y and log y' of bin k at share ξ of its width, by equations 4 and 5 of the paper. */
function inBin({ xs, ys, slopes }: Definition, k: number, xi: number): Exact {
  const [w, h] = [xs[k + 1]! - xs[k]!, ys[k + 1]! - ys[k]!];
  const [s, left, right, both] = [h / w, slopes[k]!, slopes[k + 1]!, xi * (1 - xi)];
  const bottom = s + (left + right - 2 * s) * both;
  return {
    value: ys[k]! + (h * (s * xi * xi + left * both)) / bottom,
    log: Math.log((s * s * (right * xi * xi + 2 * s * both + left * (1 - xi) ** 2)) / (bottom * bottom)),
  };
}

const binAt = (knots: readonly number[], at: number): number =>
  knots.findLastIndex((knot, k) => knot <= at && k < knots.length - 1);

const outside = (value: number): Exact => ({ value, log: 0 });

function exactForward(own: Definition, x: number): Exact {
  if (Math.abs(x) > bound) return outside(x);
  const k = binAt(own.xs, x);
  return inBin(own, k, (x - own.xs[k]!) / (own.xs[k + 1]! - own.xs[k]!));
}

function exactInverse(own: Definition, y: number): Exact {
  if (Math.abs(y) > bound) return outside(y);
  const k = binAt(own.ys, y);
  let [low, high] = [0, 1];
  for (let halvings = 0; halvings < 60; halvings++) {
    const middle = (low + high) / 2;
    if (inBin(own, k, middle).value < y) low = middle;
    else high = middle;
  }
  return { value: own.xs[k]! + high * (own.xs[k + 1]! - own.xs[k]!), log: -inBin(own, k, high).log };
}

const count = 400;
interface Case {
  readonly bins: number;
  readonly scale: number;
}
const cases: readonly Case[] = [
  { bins: 2, scale: 3 },
  { bins: 8, scale: 1 },
  { bins: 8, scale: 10 },
  { bins: 32, scale: 10 },
];

/**
 * Random splines and numbers on one of their axes.
 *
 * A third of the numbers is anywhere, also outside. The others are at knots and ends or at distance
 * 1e-7 to 0.1 from them.
 */
function drawn({ bins, scale }: Case, axis: "xs" | "ys") {
  const key = random.key(100 * bins + scale);
  const parameters = 3 * bins - 1;
  const raw = random.host.normal(random.fold(key, 0), count * parameters).map((value) => scale * value);
  const splines = Array.from({ length: count }, (_, i) =>
    definition(Float64Array.from(raw.subarray(i * parameters, (i + 1) * parameters)), bins),
  );
  const uniforms = random.host.uniform(random.fold(key, 1), 3 * count);
  const at = Float32Array.from(splines, (own, i) => {
    const [kind, which, how] = [uniforms[3 * i]!, uniforms[3 * i + 1]!, 2 * uniforms[3 * i + 2]! - 1];
    if (kind < 0.33) return 2.4 * bound * (which - 0.5);
    const knot = own[axis][Math.floor(which * (bins + 1))]!;
    return kind < 0.4 ? knot : knot + Math.sign(how) * 10 ** (-7 + 6 * Math.abs(how));
  });
  return { splines, at, raw: tf.tensor2d(raw, [count, parameters]) };
}

/**
 * Tolerance: the change of the definition when its argument moves by `shift`, 4 units in the last
 * place of B.
 */
const shift = 2e-6;

describe.each(["cpu", "onnx"] as const)("a spline on %s", (engine) => {
  beforeAll(() => useEngine(engine));

  describe.each(cases)("of $bins bins, raw parameters N(0, $scale²)", ({ bins, scale }) => {
    const spline = rationalQuadraticSpline({ bins, bound });

    it.each([
      ["forward", "xs", exactForward],
      ["inverse", "ys", exactInverse],
    ] as const)("%s is exact to rounding, with its log-derivative", async (direction, axis, exact) => {
      const { splines, at, raw } = drawn({ bins, scale }, axis);
      const compiled = compile((x: tf.Tensor, r: tf.Tensor) => ({ ...spline[direction](x, r) }));
      const made = await compiled(tf.tensor1d(at), raw);
      const [values, logs] = [made.value.dataSync(), made.logDerivative.dataSync()];
      const wrong: unknown[] = [];
      splines.forEach((own, i) => {
        const right = exact(own, at[i]!);
        const [valueError, logError] = [Math.abs(values[i]! - right.value), Math.abs(logs[i]! - right.log)];
        const near = [-shift, -shift / 5, shift / 5, shift].map((by) => exact(own, at[i]! + by));
        const valueSpread = Math.max(...near.map(({ value }) => Math.abs(value - right.value)));
        const logSpread = Math.max(...near.map(({ log }) => Math.abs(log - right.log)));
        if (!(valueError <= 1e-6 + valueSpread && logError <= 2e-5 + 2 * logSpread))
          wrong.push({ at: at[i], right, value: values[i], log: logs[i] });
      });
      expect(wrong).toEqual([]);
    });

    it("comes back from its inverse", () => {
      const { at, raw } = drawn({ bins, scale }, "ys");
      const { value, logDerivative } = spline.inverse(tf.tensor1d(at), raw);
      const back = spline.forward(value, raw).value.dataSync();
      // x is rounded to at most 5e-7, which changes y by y' times as much.
      const wrong = Array.from(logDerivative.dataSync(), (log, i) => ({
        y: at[i]!,
        back: back[i]!,
        slope: Math.exp(-log),
      }));
      expect(wrong.filter(({ y, back: found, slope }) => !(Math.abs(found - y) <= 2e-6 * (1 + slope)))).toEqual([]);
    });

    it("has finite gradients", () => {
      const { at, raw } = drawn({ bins, scale }, "ys");
      for (const direction of ["forward", "inverse"] as const) {
        const loss = ([x, r]: readonly [tf.Tensor, tf.Tensor]): tf.Tensor => {
          const { value, logDerivative } = spline[direction](x, r);
          return tf.sum(tf.add(value, logDerivative));
        };
        for (const slope of grad(loss)([tf.tensor1d(at), raw] as const))
          expect(slope.dataSync().every(Number.isFinite)).toBe(true);
      }
    });
  });

  // Golden values from mpmath with 40 digits: the definition above, inverted by 140 bisections.
  it.each([
    [[5, 0, -10, 0, 10], 4.92315780288, -2.205047356],
    [[8, 0, -10, 0, 5], 4.98655782033, -1.504255673],
  ])("has the inverse of %j at -4.99 that 40 digits give", (raw, x, log) => {
    const { value, logDerivative } = rationalQuadraticSpline({ bins: 2, bound }).inverse(
      tf.tensor1d([-4.99]),
      tf.tensor2d([raw]),
    );
    expect(Math.abs(value.dataSync()[0]! - x)).toBeLessThan(1e-6);
    expect(Math.abs(logDerivative.dataSync()[0]! - log)).toBeLessThan(3e-4);
  });

  it("has the gradients of its definition, also at knots", () => {
    const bins = 4;
    const [rows, parameters] = [12, 3 * bins - 1];
    const raw = random.host.normal(random.key(5), rows * parameters);
    // The knots of the last rows are at -2.5, 0 and 2.5.
    raw.fill(0, 9 * parameters);
    const at = Float32Array.from({ length: rows }, (_, i) => (i < 9 ? -4.5 + i : 2.5 * (i - 10)));
    const own = (values: Float64Array, i: number) =>
      definition(values.slice(i * parameters, (i + 1) * parameters), bins);
    for (const [direction, exact] of [
      ["forward", exactForward],
      ["inverse", exactInverse],
    ] as const) {
      const spline = rationalQuadraticSpline({ bins, bound });
      const sum = (r: tf.Tensor) => tf.sum(spline[direction](tf.tensor1d(at), r).value);
      const found = grad(sum)(tf.tensor2d(raw, [rows, parameters])).dataSync();
      const right = raw.map((_, which) => {
        const moved = (by: number) => {
          const values = Float64Array.from(raw);
          values[which]! += by;
          const row = Math.floor(which / parameters);
          return exact(own(values, row), at[row]!).value;
        };
        return (moved(1e-5) - moved(-1e-5)) / 2e-5;
      });
      right.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 4));
      const slopes = grad((x: tf.Tensor) => tf.sum(spline[direction](x, tf.tensor2d(raw, [rows, parameters])).value))(
        tf.tensor1d(at),
      ).dataSync();
      at.forEach((x, i) => expect(slopes[i]).toBeCloseTo(Math.exp(exact(own(Float64Array.from(raw), i), x).log), 4));
    }
  });
});
