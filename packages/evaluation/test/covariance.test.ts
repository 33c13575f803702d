import { ValidationError } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { covarianceOf } from "../src/index.js";
import { waves } from "./fixtures.js";

/** The definition, entry by entry. */
function byDefinition(values: Float64Array, dimensions: number) {
  const n = values.length / dimensions;
  const column = (j: number) => Array.from({ length: n }, (_, i) => values[i * dimensions + j]!);
  const mean = Array.from({ length: dimensions }, (_, j) => column(j).reduce((a, b) => a + b, 0) / n);
  const covariance = Array.from({ length: dimensions ** 2 }, (_, at) => {
    const [a, b] = [Math.floor(at / dimensions), at % dimensions];
    const [x, y] = [column(a), column(b)];
    return x.reduce((sum, value, i) => sum + (value - mean[a]!) * (y[i]! - mean[b]!), 0) / (n - 1);
  });
  return { mean, covariance };
}

const closeTo = (actual: Float64Array, expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-12));
};

describe("covarianceOf", () => {
  // import numpy as np; i = np.arange(300.0); x = np.sin(i*i*0.37 + i*0.11).reshape(50, 6)
  // c = np.cov(x, rowvar=False); print(c[0,0], c[0,1], c[5,2], x.mean(0)[3])
  it("matches numpy.cov", () => {
    const { mean, covariance, count } = covarianceOf(waves(50, 6, 0), 6);
    expect(count).toBe(50);
    expect(covariance[0]).toBeCloseTo(0.45431067997069846, 12);
    expect(covariance[1]).toBeCloseTo(-0.09514869867275029, 12);
    expect(covariance[5 * 6 + 2]).toBeCloseTo(0.028909650573457887, 12);
    expect(mean[3]).toBeCloseTo(0.00460112344058057, 12);
  });

  it.each([
    [2, 1],
    [3, 5],
    [64, 4],
    [65, 7],
    [200, 13],
  ])("of %i dense rows of %i numbers is the definition", (rows, dimensions) => {
    const values = waves(rows, dimensions, 0.5);
    const expected = byDefinition(values, dimensions);
    const actual = covarianceOf(values, dimensions);
    closeTo(actual.mean, expected.mean);
    closeTo(actual.covariance, expected.covariance);
  });

  it("of rows that are mostly background is the definition", () => {
    const values = waves(200, 13, 0.5).map((value) => Math.max(value, 0.7));
    const expected = byDefinition(values, 13);
    const actual = covarianceOf(values, 13);
    closeTo(actual.mean, expected.mean);
    closeTo(actual.covariance, expected.covariance);
  });

  it("keeps its accuracy far from the origin", () => {
    const near = waves(100, 5, 0);
    const far = covarianceOf(
      near.map((value) => value + 1e6),
      5,
    ).covariance;
    covarianceOf(near, 5).covariance.forEach((value, i) => expect(Math.abs(far[i]! - value)).toBeLessThan(1e-9));
  });

  it("refuses broken rows, too few rows and numbers that are not finite", () => {
    expect(() => covarianceOf(new Float64Array(7), 2)).toThrow(ValidationError);
    expect(() => covarianceOf(new Float64Array(2), 2)).toThrow(/1 rows, expected at least 2/);
    expect(() => covarianceOf(Float64Array.of(1, NaN), 1)).toThrow(/NaN at index 1/);
    expect(() => covarianceOf(new Float64Array(4), 0)).toThrow(/positive integer/);
  });
});
