import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { beforeAll, describe, expect, it } from "vitest";
import { difference, fingerprint, TOLERANCE } from "../src/agreement.js";
import { fixedInput, fixedLike, numbers } from "../src/numbers.js";

beforeAll(async () => {
  await useEngine("cpu");
});

describe("numbers made alike everywhere", () => {
  it("are these; from peers/common.py: numbers(0, (3,), 0.5), numbers(7, (3,), 0.5)", () => {
    expect([...numbers(0, 3, 0.5)]).toEqual([-0.057251326739788055, 0.37141337990760803, -0.184083953499794]);
    expect([...numbers(7, 3, 0.5)]).toEqual([-0.1640850007534027, 0.2097998708486557, -0.4004772901535034]);
  });

  it("are spread evenly within their bound, and arrays are unrelated", () => {
    const [a, b] = [numbers(3, 20_000, 2), numbers(4, 20_000, 2)];
    const mean = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(2);
    expect(Math.abs(mean(a))).toBeLessThan(0.05);
    expect(mean(a.map((x) => x * x))).toBeCloseTo(4 / 3, 1);
    expect(Math.abs(mean(a.map((x, i) => x * b[i]!)))).toBeLessThan(0.05);
  });

  it("fill trees in the order of their leaves", () => {
    const filled = fixedLike({ weight: tf.zeros([2, 2]), bias: tf.zeros([2]) });
    expect([...filled.bias.dataSync()]).toEqual([...numbers(0, 2, 0.1)]);
    expect([...filled.weight.dataSync()]).toEqual([...numbers(1, 4, 0.1)]);
  });
});

describe("agreement of results", () => {
  let x: tf.Tensor, y: tf.Tensor;
  beforeAll(() => {
    x = fixedInput(0, [8, 16], 1);
    y = fixedInput(1, [5], 1);
  });
  const of = (...tensors: tf.Tensor[]) => fingerprint(tensors);

  it("is exact for the same numbers and holds up to rounding", () => {
    expect(difference(of(x, y), of(x, y))).toBe(0);
    expect(difference(of(x, y), of(tf.mul(x, 1 + 1e-5), y))).toBeLessThan(TOLERANCE);
  });

  it("fails for another size, order, sign or number of results", () => {
    for (const other of [tf.mul(x, 1.001), tf.reverse(x, 1), tf.reverse(x, 0), tf.neg(x), tf.mul(x, NaN)]) {
      expect(difference(of(x), of(other))).toBeGreaterThan(TOLERANCE);
    }
    expect(difference(of(x), of(x, y))).toBe(Infinity);
  });
});
