import { random, ValidationError } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { symmetricEigen } from "@ergodic/linear-algebra";
import {
  frechetBias,
  frechetDistance,
  frechetInfinity,
  gaussianStatistics,
  type GaussianStatistics,
} from "../src/index.js";
import { features, product, rotation, uniforms, waves } from "./fixtures.js";

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
    // C1 = diag(4, 0), C2 = diag(0, 9): C1 C2 = 0. The distance is 4 + 9 plus the shift.
    expect(frechetDistance(gaussian([0, 0], [4, 0]), gaussian([3, 0], [0, 9]))).toBeCloseTo(22, 12);
    expect(frechetDistance(gaussian([0, 0], [0, 0]), gaussian([0, 0], [0, 0]))).toBe(0);
  });

  // import numpy as np; from scipy.linalg import sqrtm
  // def waves(n, d, o):
  //   i = np.arange(n * d, dtype=float); return np.sin(i*i*0.37 + o + i*0.11).reshape(n, d)
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

  // 64 x 8 uniforms against 64 x 8, 5 x 8 (singular) and both singular.
  // Other programs computed the values in float64.
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

  // u(seed) is `uniforms` in numpy;
  // x(seed, n, d, p, s) = (u + 0.5 * np.roll(u, -1, 1)) * (1.0 + np.arange(d)) ** p + s;
  // X = (x - x.mean(0)) / np.sqrt(n - 1), Y likewise; m = x.mean(0) - y.mean(0);
  // print(m @ m + (X * X).sum() + (Y * Y).sum() - 2 * scipy.linalg.svdvals(X @ Y.T).sum())
  it.each([
    [200, 500, 400, 3.0069640356835885],
    [200, 90, 400, 3.194903376992243],
    [200, 90, 120, 3.215618593383951],
    [203, 500, 210, 3.0441085301345057],
  ])("in %i dimensions matches scipy for %i and %i examples", (dimensions, n, m, value) => {
    const x = gaussianStatistics(features(31, n, dimensions, -0.5, 0), dimensions);
    const y = gaussianStatistics(features(32, m, dimensions, -0.45, 0.1), dimensions);
    expect(Math.abs(frechetDistance(x, y) - value)).toBeLessThan(1e-10);
    expect(Math.abs(frechetDistance(y, x) - value)).toBeLessThan(1e-10);
    expect(frechetDistance(x, x)).toBeLessThan(1e-11);
  });

  it("refuses statistics of different spaces", () => {
    expect(() => frechetDistance(gaussian([0], [1]), gaussian([0, 0], [1, 1]))).toThrow(ValidationError);
  });

  it("refuses statistics that are incomplete or not finite", () => {
    const good = gaussian([0, 0], [1, 1]);
    expect(() => frechetDistance(good, { ...good, mean: Float64Array.of(0) })).toThrow(
      /second statistics hold 1 means and 4 covariances, expected 2 and 4/,
    );
    expect(() => frechetDistance({ ...good, mean: Float64Array.of(0, NaN) }, good)).toThrow(/mean of the first.*NaN/);
  });
});

describe("statistics whose sigma is no covariance", () => {
  const turned = (values: readonly number[]): GaussianStatistics => {
    const size = values.length;
    const diagonal = Float64Array.from({ length: size * size }, (_, at) =>
      at % (size + 1) ? 0 : values[at / (size + 1)]!,
    );
    const turn = rotation(size);
    const back = turn.map((_, at) => turn[(at % size) * size + Math.floor(at / size)]!);
    const product3 = product(product(turn, diagonal, size), back, size);
    // Covariances in files are symmetric to the last bit.
    const covariance = product3.map((value, at) => (value + product3[(at % size) * size + Math.floor(at / size)]!) / 2);
    return { dimensions: size, mean: new Float64Array(size), covariance };
  };
  const unit = (size: number): GaussianStatistics => turned(new Array<number>(size).fill(1));
  const plain = (...covariance: number[]): GaussianStatistics => ({
    dimensions: Math.sqrt(covariance.length),
    mean: new Float64Array(Math.sqrt(covariance.length)),
    covariance: Float64Array.from(covariance),
  });

  // Eigenvalues: 3 and -1; -1 and 1; 1 and -1 with zero variances; -4; 5, 1 and -1;
  // and for several sizes, one of -0.01.
  it.each([
    ["[[1, 2], [2, 1]]", plain(1, 2, 2, 1)],
    ["[[-1, 0], [0, 1]]", plain(-1, 0, 0, 1)],
    ["[[0, 1], [1, 0]]", plain(0, 1, 1, 0)],
    ["[[-4]]", plain(-4)],
    ["a block that no variance covers", plain(5, 0, 0, 0, 0, 1, 0, 1, 0)],
    ...[3, 63, 64, 65, 130].map((size) => [
      `${size} dimensions`,
      turned(Array.from({ length: size }, (_, i) => (i === 1 ? -0.01 : 1 / (1 + i)))),
    ]),
  ] as [string, GaussianStatistics][])("are refused by every function that takes them: %s", (_, broken) => {
    const good = unit(broken.dimensions);
    const message = (which: string) =>
      new RegExp(`the covariance of ${which} has an eigenvalue below -.*, expected a cov`);
    expect(() => frechetDistance(broken, good)).toThrow(message("the first statistics"));
    expect(() => frechetDistance(good, broken)).toThrow(message("the second statistics"));
    expect(() => frechetDistance(good, broken)).toThrow(ValidationError);
    expect(() => frechetBias(broken, 10, 10)).toThrow(message("the statistics"));
    const generated = uniforms(3, 20 * broken.dimensions);
    expect(() => frechetInfinity(broken, generated, { key: random.key(0) })).toThrow(message("the first statistics"));
  });

  it("are refused where sigma is not symmetric or not finite", () => {
    expect(() => frechetDistance(plain(1, 0.5, 0, 1), unit(2))).toThrow(
      /first statistics is not symmetric at \(1, 0\)/,
    );
    expect(() => frechetDistance(unit(2), plain(1, 0.5, 0, 1))).toThrow(/second statistics is not symmetric at/);
    expect(() => frechetDistance(unit(2), plain(1, Infinity, Infinity, 1))).toThrow(/second statistics holds Infinity/);
    expect(() => frechetBias(plain(1, 0, 0, NaN), 10, 10)).toThrow(/holds NaN/);
  });

  it("does not mean rounding: singular covariances may have been stored in float32, and differ by its rounding alone", () => {
    // 40 examples in 96 dimensions: 57 eigenvalues are 0. In float32 they become small numbers of
    // either sign.
    const exact = gaussianStatistics(features(41, 40, 96, -0.5, 0), 96);
    const other = gaussianStatistics(features(42, 400, 96, -0.45, 0.1), 96);
    const stored = { ...exact, covariance: Float64Array.from(Float32Array.from(exact.covariance)) };
    expect(symmetricEigen(stored.covariance, 96).values.at(-1)!).toBeLessThan(-1e-10);
    const distance = frechetDistance(exact, other);
    expect(Math.abs(frechetDistance(stored, other) / distance - 1)).toBeLessThan(1e-3);
    expect(Math.abs(frechetDistance(other, stored) / distance - 1)).toBeLessThan(1e-3);
    expect(frechetDistance(stored, stored)).toBeLessThan(1e-3);
  });
});

describe("frechetBias", () => {
  it("for equal variances is the known first order, (d + d (d + 1) / 4) (1/n + 1/m)", () => {
    const white = gaussian(Array(64).fill(0), Array(64).fill(1));
    expect(frechetBias(white, 5000, 5000)).toBeCloseTo((64 + (64 * 65) / 4) * (2 / 5000), 12);
  });

  it("is what two samples of one law differ by", () => {
    // 8 uniforms of variance 1/12: 0.02222 is expected for 600 and 300 examples.
    // The sum of 100 repeats has a relative sd of 3 %.
    const repeats = 100;
    let sum = 0;
    for (let i = 0; i < repeats; i++) {
      const [x, y] = [uniforms(100 + i, 600 * 8), uniforms(1000 + i, 300 * 8)];
      sum += frechetDistance(gaussianStatistics(x, 8), gaussianStatistics(y, 8));
    }
    const white = gaussian(Array(8).fill(0), Array(8).fill(1 / 12));
    expect(sum / repeats / frechetBias(white, 600, 300)).toBeGreaterThan(0.8);
    expect(sum / repeats / frechetBias(white, 600, 300)).toBeLessThan(1.1);
  });
});

describe("frechetInfinity", () => {
  const reference = gaussianStatistics(uniforms(5, 20_000 * 4), 4);
  const generated = uniforms(6, 4_000 * 4).map((u) => 1.2 * u);
  const key = random.key(1);

  it("removes the bias that few examples have", () => {
    const { value, slope, points } = frechetInfinity(reference, generated, { key, from: 100 });
    // Means differ by 0.1 and deviations by 0.2 sqrt(1/12) on each of 4 axes.
    const truth = 4 * (0.1 ** 2 + 0.04 / 12);
    expect(points.map(({ count }) => count)).toEqual(
      Array.from({ length: 15 }, (_, i) => Math.round(100 + (3900 * i) / 14)),
    );
    expect(slope).toBeGreaterThan(0);
    expect(Math.abs(value - truth)).toBeLessThan(Math.abs(points[0]!.distance - truth));
    expect(Math.abs(value - truth)).toBeLessThan(0.006);
  });

  it("refuses sizes beyond the examples and a single point", () => {
    expect(() => frechetInfinity(reference, generated, { key, to: 5000 })).toThrow(/there are 4000 generated/);
    expect(() => frechetInfinity(reference, generated, { key, points: 1 })).toThrow(/points is 1/);
  });
});
