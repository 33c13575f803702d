/** Products with the factor of a mass on the host, against plain sums over its matrix. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { hostMetrics } from "../src/nuts/host-metric.js";

beforeAll(async () => {
  await useEngine("cpu");
});

const key = random.key("host-metric");
const numbers = (size: number, i: number): Float64Array =>
  Float64Array.from(random.host.normal(random.fold(key, i), size));
const sumOver = (d: number, term: (i: number) => number): number =>
  Array.from({ length: d }, (_, i) => term(i)).reduce((total, x) => total + x, 0);

/** The metric of a mass whose S⁻¹ is I + L, with L below the diagonal. */
function denseMetric(d: number) {
  const below = numbers(d * d, 0);
  const at = (i: number, j: number): number => (i === j ? 1 : i > j ? below[i * d + j]! / d : 0);
  const rows = Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => at(i, j)));
  const inverse = { covariance: tf.eye(d), inverseFactor: tf.tensor2d(rows) };
  return { rows: inverse.inverseFactor.arraySync(), metric: hostMetrics(inverse, 1, d)[0]! };
}

describe.each([1, 2, 10, 32, 33, 50])("a dense mass of %d numbers", (d) => {
  it("moves positions by S q: S⁻¹ times the change is the new momentum", () => {
    const { metric, rows } = denseMetric(d);
    const [before, w, x] = [numbers(d, 1), numbers(d, 2), numbers(d, 3)];
    const [q, moved] = [before.slice(), x.slice()];
    metric.drift(metric.scale, q, w, moved, { half: 0.25, step: 0.5, factor: 1 });
    rows.forEach((row, i) => {
      expect(q[i]).toBe(before[i]! - 0.25 * w[i]!);
      expect(sumOver(d, (j) => row[j]! * (moved[j]! - x[j]!))).toBeCloseTo(0.5 * q[i]!, 10);
    });
  });

  it("pulls by the transpose, g · S p = w · p, and moves momenta against it", () => {
    const { metric } = denseMetric(d);
    const [p, g, before, moved, w] = [numbers(d, 4), numbers(d, 5), numbers(d, 6), new Float64Array(d), numbers(d, 7)];
    const q = before.slice();
    metric.drift(metric.scale, p, new Float64Array(d), moved, { half: 0, step: 1, factor: 1 });
    const squares = metric.kick(metric.scale, g, w, q, { half: 0.25, step: 0.5, factor: 3 });
    expect(sumOver(d, (i) => p[i]! * w[i]!)).toBeCloseTo(
      sumOver(d, (i) => 3 * moved[i]! * g[i]!),
      9,
    );
    q.forEach((value, i) => expect(value).toBe(before[i]! - 0.25 * w[i]!));
    expect(squares).toBeCloseTo(
      sumOver(d, (i) => q[i]! ** 2),
      10,
    );
  });
});

it("takes the mass of each chain, and makes the metric of a mass once", () => {
  const chains = 3;
  const factors = tf.stack([1, 2, 4].map((scale) => tf.div(tf.eye(2), scale)));
  const inverse = { covariance: factors, inverseFactor: factors };
  const metrics = hostMetrics(inverse, chains, 2);
  expect(metrics.map(({ scale }) => scale[0])).toEqual([1, 2, 4]);
  const again = { covariance: factors, inverseFactor: tf.clone(factors) };
  hostMetrics(again, chains, 2).forEach((metric, chain) => expect(metric).toBe(metrics[chain]));
});
