import { ValidationError } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { frechetDistance, gaussianStatistics, type GaussianStatistics } from "../src/index.js";
import { product, rotation, uniforms, waves } from "./fixtures.js";

function gaussian(mean: readonly number[], variances: readonly number[]): GaussianStatistics {
  const dimensions = mean.length;
  const covariance = new Float64Array(dimensions * dimensions);
  variances.forEach((value, i) => (covariance[i * dimensions + i] = value));
  return { count: 100, dimensions, mean: Float64Array.from(mean), covariance };
}

describe("frechetDistance", () => {
  it("of one-dimensional Gaussians is (m1 - m2)^2 + (s1 - s2)^2", () => {
    expect(frechetDistance(gaussian([1], [4]), gaussian([-2], [0.25]))).toBeCloseTo(9 + 1.5 ** 2, 12);
  });

  it("of diagonal Gaussians is the sum over axes", () => {
    expect(frechetDistance(gaussian([0, 2], [1, 9]), gaussian([1, 0], [4, 1]))).toBeCloseTo(10, 12);
  });

  it("of equal covariances is the squared distance of the means", () => {
    const { covariance, ...rest } = gaussianStatistics(waves(50, 6, 0), 6);
    const moved = { ...rest, covariance, mean: rest.mean.map((value, i) => value + i) };
    expect(frechetDistance({ ...rest, covariance }, moved)).toBeCloseTo(55, 10);
  });

  it("of identical statistics is zero, singular or not", () => {
    for (const rows of [4, 50]) {
      const statistics = gaussianStatistics(waves(rows, 6, 0), 6);
      expect(frechetDistance(statistics, statistics)).toBeLessThan(1e-12);
    }
  });

  it("is symmetric and does not change under a rotation of both", () => {
    const [x, y] = [waves(50, 6, 0), waves(40, 6, 1).map((value) => 1.7 * value + 0.3)];
    const turn = rotation(6);
    const of = (a: Float64Array, b: Float64Array) =>
      frechetDistance(gaussianStatistics(a, 6), gaussianStatistics(b, 6));
    expect(of(y, x)).toBeCloseTo(of(x, y), 10);
    expect(of(product(x, turn, 6), product(y, turn, 6))).toBeCloseTo(of(x, y), 10);
  });

  it("of degenerate Gaussians on crossing lines leaves no shared part", () => {
    // C1 = diag(4, 0), C2 = diag(0, 9): C1 C2 = 0, so the distance is 4 + 9 and the means' shift
    expect(frechetDistance(gaussian([0, 0], [4, 0]), gaussian([3, 0], [0, 9]))).toBeCloseTo(22, 12);
    expect(frechetDistance(gaussian([0, 0], [0, 0]), gaussian([0, 0], [0, 0]))).toBe(0);
  });

  // import numpy as np; from scipy.linalg import sqrtm
  // def waves(n, d, o): i = np.arange(n * d, dtype=float); return np.sin(i*i*0.37 + o + i*0.11).reshape(n, d)
  // x = waves(50, 6, 0.0); y = waves(40, 6, 1.0) * 1.7 + 0.3
  // m = x.mean(0) - y.mean(0); a = np.cov(x, rowvar=False); b = np.cov(y, rowvar=False)
  // print(m @ m + np.trace(a) + np.trace(b) - 2 * np.trace(sqrtm(a @ b)).real)
  it("matches scipy", () => {
    const x = gaussianStatistics(waves(50, 6, 0), 6);
    const y = gaussianStatistics(
      waves(40, 6, 1).map((value) => 1.7 * value + 0.3),
      6,
    );
    expect(Math.abs(frechetDistance(x, y) - 2.9551587705596987)).toBeLessThan(1e-9);
  });

  // 64 x 8 uniforms against 64 x 8, 5 x 8 (singular) and both singular; values computed in float64 by other programs
  it("matches golden values for full-rank and rank-deficient samples", () => {
    const spread = (u: number) => 0.2 + 1.5 * u;
    const a = gaussianStatistics(uniforms(11, 64 * 8), 8);
    const b = gaussianStatistics(uniforms(12, 64 * 8).map(spread), 8);
    const c = gaussianStatistics(uniforms(13, 5 * 8).map(spread), 8);
    const d = gaussianStatistics(uniforms(14, 6 * 8), 8);
    expect(Math.abs(frechetDistance(a, b) - 1.837611249578)).toBeLessThan(1e-7);
    expect(Math.abs(frechetDistance(a, c) - 1.704859022739)).toBeLessThan(1e-7);
    expect(Math.abs(frechetDistance(d, c) - 1.94414908456)).toBeLessThan(1e-7);
  });

  it("refuses statistics of different spaces", () => {
    expect(() => frechetDistance(gaussian([0], [1]), gaussian([0, 0], [1, 1]))).toThrow(ValidationError);
  });
});
