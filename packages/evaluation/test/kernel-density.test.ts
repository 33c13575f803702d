/** Kernel densities: their integral, their moments, and the shape that a normal law has not. */
import { random } from "@ergodic/tensor";
import { expect, it } from "vitest";
import { fittedNormal } from "../src/fitted-normal.js";
import { kernelDensity } from "../src/kernel-density.js";

/** Two groups at ±2 with standard deviation ½, of several dimensions. */
const groups = (n: number, d: number, seed = "points"): Float32Array => {
  const noise = random.host.normal(random.key(seed), n * d);
  return Float32Array.from(noise, (value, at) => (Math.floor(at / d) % 2 === 0 ? 2 : -2) + value / 2);
};
const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

it("integrate to 1", () => {
  const law = kernelDensity(groups(500, 1), groups(100, 1, "others"), 1);
  const [step, count] = [0.01, 2_000];
  const grid = Float32Array.from({ length: count }, (_, i) => (i - count / 2) * step);
  const integral = law.logDensity(grid).reduce((sum, log) => sum + Math.exp(log) * step, 0);
  expect(integral).toBeCloseTo(1, 4);
  expect(Math.exp(law.logDensity(Float32Array.of(2))[0]!)).toBeGreaterThan(
    4 * Math.exp(law.logDensity(Float32Array.of(0))[0]!),
  );
});

it("have the covariance of their points, in density and draws", () => {
  const [d, n] = [2, 400];
  const points = groups(n, d);
  const law = kernelDensity(points, groups(100, d, "others"), d);
  const drawn = law.draw(random.key(1), 20_000);
  const product = (rows: Float32Array): number =>
    meanOf(Float64Array.from({ length: rows.length / d }, (_, i) => rows[i * d]! * rows[i * d + 1]!));
  // Products have a standard deviation of about 2.3.
  expect(Math.abs(product(drawn) - product(points))).toBeLessThan((5 * 2.3) / Math.sqrt(20_000) + 0.05);
  // E_p[q/p] = 1 for any density q, here the normal law of the points, whose tails are lighter.
  const normal = fittedNormal(points, d);
  const wide = normal.draw(random.key(2), 1_000);
  const base = normal.logDensity(wide);
  const ratios = law.logDensity(wide).map((log, i) => Math.exp(log - base[i]!));
  const spread = Math.sqrt(meanOf(ratios.map((ratio) => (ratio - meanOf(ratios)) ** 2)) / 1_000);
  expect(Math.abs(meanOf(ratios) - 1)).toBeLessThan(5 * spread);
});

it("tell two groups from one normal law by the log-density of fresh points", () => {
  const [d, n] = [3, 1_000];
  const [points, fresh] = [groups(n, d), groups(500, d, "fresh")];
  const law = kernelDensity(points, groups(200, d, "others"), d);
  const gain = meanOf(law.logDensity(fresh)) - meanOf(fittedNormal(points, d).logDensity(fresh));
  // The entropy of the groups is known: 3 log(½ √(2πe)) + log 2 nats.
  const entropy = 3 * (Math.log(0.5) + 0.5 * Math.log(2 * Math.PI * Math.E)) + Math.log(2);
  expect(-meanOf(law.logDensity(fresh))).toBeLessThan(entropy + 0.5);
  expect(gain).toBeGreaterThan(0.2);
});

it("are normal laws of the points where these are normal and few", () => {
  const [d, n] = [8, 200];
  const [points, others] = ["a", "b"].map((seed) => Float32Array.from(random.host.normal(random.key(seed), n * d)));
  const law = kernelDensity(points!, others!, d);
  const [own, normal] = [law.logDensity(others!), fittedNormal(points!, d).logDensity(others!)];
  expect(meanOf(own)).toBeGreaterThanOrEqual(meanOf(normal) - 1e-6);
});
