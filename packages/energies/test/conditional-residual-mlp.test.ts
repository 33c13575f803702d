/** The deep network with a condition: its slope, and the steepness that spectral norms allow. */
import "@tensorflow/tfjs-backend-cpu";
import { grad, useEngine } from "@ergodic/engine";
import { random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { conditionalResidualMlp } from "../src/index.js";

beforeAll(() => useEngine("cpu"));

const network = conditionalResidualMlp({ in: 3, out: 4, width: 16, blocks: 3 });
const params = network.init(random.key(0));
const image = random.normal(random.key(1), [32, 3], { sd: 5 });
const condition = tf.tensor1d(Array.from({ length: 32 }, (_, i) => i % 6));

const largestDifference = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

it("has the slope of finite differences", () => {
  const at = (x: tf.Tensor) => tf.logSumExp(network.apply(params, { image: x, condition }), 1);
  const direction = random.normal(random.key(2), image.shape);
  const along = tf.sum(tf.mul(grad((x: tf.Tensor) => tf.sum(at(x)))(image), direction), 1);
  const h = 0.02;
  const moved = (by: number) => at(tf.add(image, tf.mul(by, direction)));
  const difference = tf.div(tf.sub(moved(h), moved(-h)), 2 * h);
  // A kink of a leaky unit inside the step spoils single rows, so most must agree.
  const errors = tf.div(tf.abs(tf.sub(along, difference)), tf.add(0.05, tf.abs(along))).dataSync();
  expect([...errors].filter((error) => error < 2e-2).length).toBeGreaterThan(24);
});

it("a fresh one is no steeper than 2 to the number of blocks", () => {
  for (let k = 0; k < 4; k++) {
    const slope = grad((x: tf.Tensor) =>
      tf.sum(tf.slice(network.apply(params, { image: x, condition }), [0, k], [32, 1])),
    )(image);
    expect(Math.max(...tf.norm(slope, 2, 1).dataSync())).toBeLessThan(2 ** 3 * 1.2);
  }
});

it("depends on the condition, and refreshing moves fixed members alone", () => {
  const outputs = (c: tf.Tensor) => network.apply(params, { image, condition: c }).dataSync();
  expect(outputs(tf.zeros([32]))).not.toEqual(outputs(tf.ones([32])));
  const fresh = network.refresh!(params, { image, condition });
  tree.paths(params).forEach((path, i) => {
    const equal = largestDifference(tree.leaves(fresh)[i]!, tree.leaves(params)[i]!) === 0;
    if (!path.includes("$fixed")) expect(equal, path).toBe(true);
  });
});

it("reads a context, is no steeper with one, and misses it", () => {
  const told = conditionalResidualMlp({ in: 3, out: 1, context: 2, width: 16, blocks: 3 });
  const own = told.init(random.key(4));
  const context = random.normal(random.key(5), [32, 2]);
  const at = (x: tf.Tensor, of = context) => told.apply(own, { image: x, condition, context: of });
  expect(at(image).dataSync()).not.toEqual(at(image, tf.neg(context)).dataSync());
  const slope = grad((x: tf.Tensor) => tf.sum(at(x)))(image);
  expect(Math.max(...tf.norm(slope, 2, 1).dataSync())).toBeLessThan(2 ** 3 * 1.2);
  const fresh = told.refresh!(own, { image, condition, context });
  expect(tree.paths(fresh)).toEqual(tree.paths(own));
  expect(() => told.apply(own, { image, condition })).toThrow("was given no context, expected [batch, 2]");
  expect(() => at(image, tf.zeros([32, 3]))).toThrow("the context of conditionalResidualMlp");
});

it("checks its sizes and its input", () => {
  expect(() => conditionalResidualMlp({ in: 0, out: 1 })).toThrow("in is 0");
  expect(() => network.apply(params, { image: tf.zeros([2, 4]), condition: tf.zeros([2]) })).toThrow("in: 3");
});
