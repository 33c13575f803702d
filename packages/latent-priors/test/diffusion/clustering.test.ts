/** Symbols by k-means of whitened means. */
import "@tensorflow/tfjs-backend-cpu";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { clustered, clusterRows, matched, nearestCentroid } from "../../src/diffusion/clustering.js";

beforeAll(() => useEngine("cpu"));

const n = 400;
/** Rows around three corners, stretched and moved. */
const corner = Array.from({ length: n }, (_, i) => i % 3);
const noise = random.host.normal(random.key(0), 2 * n, { sd: 0.2 });
const means = Float32Array.from({ length: 2 * n }, (_, at) => {
  const angle = (2 * Math.PI * corner[at >> 1]!) / 3;
  return at % 2 === 0 ? 50 + 20 * (Math.cos(angle) + noise[at]!) : 3 * (Math.sin(angle) + noise[at]!);
});
const settings = { dimension: 2, symbols: 3, components: 2, restarts: 8 };

const tensorsOf = (found: ReturnType<typeof clustered>) => ({
  mean: tf.tensor1d(Float32Array.from(found.mean)),
  whitening: tf.tensor2d(Float32Array.from(found.whitening), [2, 2]),
  centroids: tf.tensor2d(Float32Array.from(found.centroids), [3, 2]),
});

it("rows have mean 0, variance 1 and no correlation before their length is 1", () => {
  const { mean, whitening } = tensorsOf(clustered(means, corner, { ...settings, unit: false }));
  const rows = clusterRows(tf.tensor2d(means, [n, 2]), { mean, whitening }, false);
  const second = tf.div(tf.matMul(rows, rows, true), n - 1).dataSync();
  expect(Math.max(...tf.abs(tf.mean(rows, 0)).dataSync())).toBeLessThan(1e-5);
  [1, 0, 0, 1].forEach((entry, i) => expect(second[i]).toBeCloseTo(entry, 4));
  const unit = clusterRows(tf.tensor2d(means, [n, 2]), { mean, whitening }, true);
  expect(Math.max(...tf.abs(tf.sub(tf.norm(unit, 2, 1), 1)).dataSync())).toBeLessThan(1e-6);
});

it.each([true, false])("finds the corners, and keeps the numbers they had (unit length: %s)", (unit) => {
  const before = corner.map((k) => (k + 1) % 3);
  const found = clustered(means, before, { ...settings, unit });
  const kept = found.labels.filter((label, i) => label === before[i]).length;
  expect(kept / n).toBeGreaterThan(0.98);
});

it("symbols inside a program are those of the host", () => {
  const found = clustered(means, corner, { ...settings, unit: true });
  const { mean, whitening, centroids } = tensorsOf(found);
  const rows = clusterRows(tf.tensor2d(means, [n, 2]), { mean, whitening }, true);
  expect([...nearestCentroid(rows, centroids).dataSync()]).toEqual([...found.labels]);
});

it("clusters are numbered so that most rows keep their symbol", () => {
  expect([...matched([0, 0, 1, 1, 1, 2], [2, 2, 0, 0, 1, 1], 3)]).toEqual([2, 0, 1]);
});
