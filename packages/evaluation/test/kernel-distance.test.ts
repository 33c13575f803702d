import { random, type Key } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { kernelDistance, squaredMmd, type MmdEstimator } from "../src/index.js";
import { uniforms } from "./fixtures.js";

const a = uniforms(11, 64 * 8);
const b = uniforms(12, 64 * 8).map((u) => 0.2 + 1.5 * u);
const key = random.key(0);

describe("squaredMmd", () => {
  // Other programs computed the values in float64 from the formulas.
  it.each<[MmdEstimator, number]>([
    ["unbiased", 2.398336491317],
    ["biased", 2.439731126018],
    ["u-statistic", 2.396922492796],
  ])("%s matches the golden value", (estimator, value) => {
    expect(Math.abs(squaredMmd(a, b, 8, estimator) - value)).toBeLessThan(1e-10);
  });

  it("is near zero for two samples of one law", () => {
    expect(Math.abs(squaredMmd(a, uniforms(15, 64 * 8), 8) - 0.001764427382)).toBeLessThan(1e-10);
  });

  it("biased is zero for a set against itself, which the unbiased one is not", () => {
    expect(Math.abs(squaredMmd(a, a, 8, "biased"))).toBeLessThan(1e-12);
    expect(squaredMmd(a, a, 8)).toBeLessThan(-0.01);
  });

  it("refuses unequal sets and single rows", () => {
    expect(() => squaredMmd(a, b.subarray(8), 8)).toThrow(/64 and 63 rows/);
    expect(() => squaredMmd(a.subarray(8), a.subarray(0, 8), 8)).toThrow(/expected at least 2/);
  });
});

describe("kernelDistance", () => {
  it("of subsets as large as the sets is the distance of the sets, for every subset", () => {
    const { value, sd } = kernelDistance(a, b, 8, { key, subsets: 3, subsetSize: 64 });
    expect(Math.abs(value - 2.398336491317)).toBeLessThan(1e-10);
    expect(sd).toBeLessThan(1e-12);
  });

  it("averages over subsets, is reproducible, and reports progress", () => {
    const seen: number[] = [];
    const options = { key, subsets: 20, subsetSize: 16, onProgress: (done: number) => seen.push(done) };
    const first = kernelDistance(a, b, 8, options);
    expect(seen.at(-1)).toBe(3 * 64);
    // The mean over subsets is unbiased for the value of all rows, with sd / sqrt(20).
    // The bound is 5 of these.
    expect(Math.abs(first.value - 2.398336491317)).toBeLessThan((5 * first.sd) / Math.sqrt(20));
    expect(first.sd).toBeGreaterThan(0);
    expect(kernelDistance(a, b, 8, options)).toEqual(first);
    expect(kernelDistance(a, b, 8, { ...options, key: random.key(1) }).value).not.toBe(first.value);
  });

  // 30 subsets take less work on all pairs of rows at once, 20 on each subset's own pairs.
  it.each([30, 20])("is the mean of the distances of %i subsets of rows", (subsets) => {
    const [x, y] = [uniforms(21, 300 * 5), uniforms(22, 200 * 5).map((u) => 1.2 * u)];
    const drawn = (values: Float64Array, part: Key) => {
      const chosen = [...random.host.permutation(part, values.length / 5).subarray(0, 50)];
      return Float64Array.from(chosen.flatMap((index) => [...values.subarray(5 * index, 5 * index + 5)]));
    };
    const scores = Array.from({ length: subsets }, (_, i) => {
      const [left, right] = random.split<Key>(random.fold(key, i), 2) as [Key, Key];
      return squaredMmd(drawn(x, left), drawn(y, right), 5);
    });
    const mean = scores.reduce((sum, score) => sum + score, 0) / subsets;
    const { value, sd } = kernelDistance(x, y, 5, { key, subsets, subsetSize: 50 });
    expect(Math.abs(value - mean)).toBeLessThan(1e-12);
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / subsets;
    expect(Math.abs(sd - Math.sqrt(variance))).toBeLessThan(1e-12);
  });

  it("refuses subsets larger than a set, and numbers that are not finite", () => {
    expect(() => kernelDistance(a, b, 8, { key })).toThrow(
      /subsetSize is 1000 with sets of 64 and 64 examples, expected subsets no larger/,
    );
    expect(() => kernelDistance(a, Float64Array.of(...b.subarray(0, 511), NaN), 8, { key, subsetSize: 8 })).toThrow(
      /NaN at index 511/,
    );
  });
});
