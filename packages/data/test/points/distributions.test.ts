/** Distributions over the plane: samples against densities and supports. */
import "@tensorflow/tfjs-backend-cpu";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  checkerboard,
  fourGaussians,
  gaussianMixture,
  gaussianGrid,
  gaussianRing,
  pinwheel,
  swissRoll,
  twoMoons,
  type PointDensity,
  type PointDistribution,
} from "../../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const key = random.key(5);

/** The upper 1e-6 quantile of chi-square (Wilson, Hilferty 1931). */
const chiSquareBound = (degrees: number): number =>
  degrees * (1 - 2 / (9 * degrees) + 4.7534 * Math.sqrt(2 / (9 * degrees))) ** 3;

/** The points as pairs. */
function pairs(distribution: PointDistribution, n: number): [number, number][] {
  const values = distribution.sampleArray(key, n);
  return Array.from({ length: n }, (_, i) => [values[2 * i] as number, values[2 * i + 1] as number]);
}

/** Counts on a grid of side x side cells over [-reach, reach]². Points outside are left out. */
function grid(points: readonly [number, number][], reach: number, side: number): number[] {
  const table = new Array<number>(side * side).fill(0);
  for (const [x, y] of points) {
    const [column, row] = [x, y].map((v) => Math.floor(((v + reach) / (2 * reach)) * side)) as [number, number];
    if (column < 0 || row < 0 || column >= side || row >= side) continue;
    table[row * side + column] = (table[row * side + column] as number) + 1;
  }
  return table;
}

/**
 * The probability of each coarse cell: exp(logDensity) summed over the cell middles of a fine grid.
 */
function cellProbabilities(density: PointDensity, reach: number, side: number, fine: number): number[] {
  const total = side * fine;
  const width = (2 * reach) / total;
  const middles = new Float32Array(2 * total * total);
  for (let row = 0; row < total; row++) {
    for (let column = 0; column < total; column++) {
      middles[2 * (row * total + column)] = -reach + (column + 0.5) * width;
      middles[2 * (row * total + column) + 1] = -reach + (row + 0.5) * width;
    }
  }
  const points = tf.tensor2d(middles, [total * total, 2]);
  const values = density.logDensity(points).dataSync();
  const table = new Array<number>(side * side).fill(0);
  values.forEach((logp, i) => {
    const cell = Math.floor(Math.floor(i / total) / fine) * side + Math.floor((i % total) / fine);
    table[cell] = (table[cell] as number) + Math.exp(logp) * width * width;
  });
  return table;
}

const all: [string, () => PointDistribution][] = [
  ["four Gaussians", () => fourGaussians()],
  ["ring of 8 Gaussians", () => gaussianRing()],
  ["grid of 9 Gaussians", () => gaussianGrid({ side: 3, spacing: 2 })],
  ["two moons", () => twoMoons()],
  ["pinwheel", () => pinwheel()],
  ["checkerboard", () => checkerboard()],
  ["swiss roll", () => swissRoll()],
];

describe.each(all)("%s", (name, make) => {
  it("samples tensors [n, 2], the same for the same key", () => {
    const a = make().sample(key, 50);
    expect([a.shape, a.dtype]).toEqual([[50, 2], "float32"]);
    expect(a.dataSync()).toEqual(make().sampleArray(key, 50));
    expect(a.dataSync()).not.toEqual(make().sampleArray(random.key(6), 50));
    a.dispose();
  });

  it("fills the window it is plotted in and stays near it", () => {
    const points = make().sampleArray(key, 4000);
    const largest = points.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(largest).toBeGreaterThan(2);
    expect(largest).toBeLessThan(6);
    expect(points.every(Number.isFinite)).toBe(true);
  });

  it("is a data set of a fixed size", async () => {
    const data = await make().source({ size: 30, seed: 3 }).load();
    expect(data.size).toBe(30);
    expect(data.description).toBe(`${name}: 30 points in the plane`);
    const batches = data.batches({ batchSize: 20, key });
    const seen = [0, 1].flatMap((i) =>
      batches
        .at(i)
        .points.arraySync()
        .map((p) => p.join()),
    );
    const { points, shape } = data.all();
    expect(shape).toEqual([30, 2]);
    expect(seen.sort()).toEqual(Array.from({ length: 30 }, (_, i) => `${points[2 * i]},${points[2 * i + 1]}`).sort());
    const again = await make().source({ size: 30, seed: 3 }).load();
    expect(again.all()).toEqual(data.all());
    const other = await make().source({ size: 30 }).load();
    expect(other.all()).not.toEqual(data.all());
  });
});

describe("densities", () => {
  const densities = [
    ["four Gaussians", fourGaussians(), 3.2],
    ["ring", gaussianRing(), 5],
    ["three of one's own", gaussianMixture({ means: [[0, 0], [1, 2], [-2, 0.5]], sd: 0.5 }), 5], // prettier-ignore
    ["two moons", twoMoons({ noise: 0.3 }), 6],
    ["checkerboard", checkerboard(), 4],
  ] as const;

  it.each(densities)("%s: the density integrates to 1", (_, density, reach) => {
    const total = cellProbabilities(density, reach, 1, 80).reduce((a, b) => a + b, 0);
    expect(total).toBeCloseTo(1, 4);
  });

  it.each(densities)("%s: samples follow the density (chi-square on a grid, 1e-6)", (_, density, reach) => {
    const n = 60000;
    const probabilities = cellProbabilities(density, reach, 16, 6);
    const found = grid(pairs(density, n), reach, 16);
    const used = probabilities.flatMap((p, cell) => (n * p >= 10 ? [cell] : []));
    const statistic = used.reduce((sum, cell) => {
      const expected = n * (probabilities[cell] as number);
      return sum + ((found[cell] as number) - expected) ** 2 / expected;
    }, 0);
    expect(used.length).toBeGreaterThan(30);
    expect(statistic).toBeLessThan(chiSquareBound(used.length));
  });

  it("are refused of moons without noise, which have none", () => {
    expect(() => twoMoons({ noise: 0 }).logDensity(tf.zeros([1, 2]))).toThrow("noise is 0");
  });
});

describe("mixtures of Gaussians", () => {
  it("one Gaussian has the textbook log density", () => {
    const one = gaussianMixture({ means: [[1, -1]], sd: 2 });
    const values = one.logDensity(tf.tensor2d([1, -1, 3, -1], [2, 2])).dataSync();
    const peak = -Math.log(2 * Math.PI * 4);
    expect(values[0]).toBeCloseTo(peak, 6);
    expect(values[1]).toBeCloseTo(peak - 0.5, 6);
  });

  it("the log density stays finite far from all modes and is symmetric", () => {
    // On the x axis at 30 the two right-hand Gaussians remain, each at (28.8, 1.2) from the point.
    const points = tf.tensor2d([30, 0, -30, 0, 0, 30], [3, 2]);
    const expected = -(28.8 ** 2 + 1.2 ** 2) / (2 * 0.16) - Math.log(2) - Math.log(2 * Math.PI * 0.16);
    for (const value of fourGaussians().logDensity(points).dataSync()) {
      expect(value / expected).toBeCloseTo(1, 6);
    }
  });

  it("leaves no tensors behind", () => {
    const points = tf.zeros<tf.Rank.R2>([4, 2]);
    const before = tf.memory().numTensors;
    gaussianRing().logDensity(points).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("curves", () => {
  it("moons without noise lie on their two half circles, half of the points on each", () => {
    const points = pairs(twoMoons({ noise: 0 }), 4000);
    const upper = points.filter(([x, y]) => Math.abs(Math.hypot(x + 1, y + 0.2) - 2) < 1e-5 && y >= -0.2 - 1e-6);
    const lower = points.filter(([x, y]) => Math.abs(Math.hypot(x - 1, y - 0.8) - 2) < 1e-5 && y <= 0.8 + 1e-6);
    expect(upper.length + lower.length).toBe(4000);
    expect(Math.abs(upper.length - 2000)).toBeLessThan(4.9 * Math.sqrt(1000)); // 1e-6
  });

  it("the swiss roll without noise is an Archimedean spiral", () => {
    for (const [x, y] of pairs(swissRoll({ noise: 0 }), 2000)) {
      const t = 5 * Math.hypot(x, y);
      expect(t).toBeGreaterThan(1.5 * Math.PI - 1e-5);
      expect(t).toBeLessThan(4.5 * Math.PI + 1e-5);
      expect(x).toBeCloseTo((t * Math.cos(t)) / 5, 4);
      expect(y).toBeCloseTo((t * Math.sin(t)) / 5, 4);
    }
  });

  it("the pinwheel without spread is one point per blade, a fifth of a turn apart", () => {
    const points = pairs(pinwheel({ radialSd: 0, tangentialSd: 0 }), 5000);
    const turn = (2 * Math.PI) / 5;
    const blades = new Array<number>(5).fill(0);
    for (const [x, y] of points) {
      expect(Math.hypot(x, y)).toBeCloseTo(2, 5);
      const blade = (Math.atan2(y, x) - 0.25 * Math.E) / turn;
      expect(Math.abs(blade - Math.round(blade))).toBeLessThan(1e-5);
      const index = (Math.round(blade) + 5) % 5;
      blades[index] = (blades[index] as number) + 1;
    }
    const statistic = blades.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(statistic).toBeLessThan(chiSquareBound(4));
  });

  it("the checkerboard is uniform on its eight squares and empty between them", () => {
    const n = 64000;
    const cells = grid(pairs(checkerboard(), n), 4, 16); // 4 x 4 cells per square
    const dark = cells.filter((_, cell) => (Math.floor((cell % 16) / 4) + Math.floor(cell / 64)) % 2 === 0);
    const light = cells.filter((_, cell) => (Math.floor((cell % 16) / 4) + Math.floor(cell / 64)) % 2 === 1);
    expect(light.every((count) => count === 0)).toBe(true);
    expect(dark.reduce((sum, count) => sum + (count - n / 128) ** 2 / (n / 128), 0)).toBeLessThan(chiSquareBound(127));
  });
});

describe("wrong options", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["sd", () => fourGaussians({ sd: 0 }), /^sd is 0, expected a finite number > 0/],
    ["distance", () => fourGaussians({ distance: -1 }), /^distance is -1/],
    ["means", () => gaussianMixture({ means: [], sd: 1 }), /^means are empty/],
    ["mean", () => gaussianMixture({ means: [[0, NaN]], sd: 1 }), /^means\[0\]\[1\] is NaN/],
    ["count", () => gaussianRing({ count: 0 }), /^count is 0/],
    ["noise", () => twoMoons({ noise: -1 }), /^noise is -1/],
    ["blades", () => pinwheel({ blades: 1.5 }), /^blades is 1.5/],
    ["size", () => swissRoll().source({ size: 0 }), /^size is 0/],
    ["n", () => checkerboard().sample(key, -1), /^n is -1/],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
