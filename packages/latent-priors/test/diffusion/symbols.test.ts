/** Energies and losses of coupled symbols. */
import "@tensorflow/tfjs-backend-cpu";
import { grad, useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { coupledEnergy, mutualInformation, symbolCrossEntropy, symbolEnergy } from "../../src/index.js";

beforeAll(() => useEngine("cpu"));

const logits = random.normal(random.key(0), [16, 5], { sd: 3 });
const valueOf = (x: tf.Tensor): number => x.dataSync()[0]!;

it("the coupled energy sums symbols out: its slope is the mean slope under p(s | y)", () => {
  const slope = grad((f: tf.Tensor) => tf.sum(coupledEnergy(f)))(logits);
  const expected = tf.neg(tf.softmax(logits));
  expect(valueOf(tf.max(tf.abs(tf.sub(slope, expected))))).toBeLessThan(1e-6);
});

it("logits of 10,000 overflow nowhere", () => {
  const moved = coupledEnergy(tf.add(logits, 1e4));
  expect(valueOf(tf.max(tf.abs(tf.sub(moved, tf.sub(coupledEnergy(logits), 1e4)))))).toBeLessThan(2e-3);
});

it("the energy of a symbol is minus its logit", () => {
  const f = tf.tensor2d([
    [1, 2],
    [3, 5],
  ]);
  expect([...symbolEnergy(f, tf.tensor1d([1, 0], "int32")).dataSync()]).toEqual([-2, -3]);
  const alone = tf.tensor2d([[4], [7]]);
  expect([...symbolEnergy(alone, tf.tensor1d([0, 0], "int32")).dataSync()]).toEqual([-4, -7]);
});

it("mutual information is 0 for equal logits and one symbol, log C for sure and balanced ones", () => {
  expect(Math.abs(valueOf(mutualInformation(tf.tile(tf.slice(logits, 0, 1), [8, 1]))))).toBeLessThan(1e-6);
  expect(Math.abs(valueOf(mutualInformation(tf.ones([8, 1]))))).toBeLessThan(1e-6);
  expect(valueOf(mutualInformation(tf.mul(1e4, tf.eye(5))))).toBeCloseTo(Math.log(5), 6);
  for (let seed = 0; seed < 20; seed++) {
    const value = valueOf(mutualInformation(random.normal(random.key(seed), [7, 4], { sd: 5 })));
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(Math.log(4) + 1e-6);
  }
});

it("unknown symbols count neither in the cross-entropy nor in its mean", () => {
  const labels = tf.tensor1d([2, -1, 0], "int32");
  const f = tf.slice(logits, 0, 3);
  const logs = tf.logSoftmax(f).arraySync() as number[][];
  expect(valueOf(symbolCrossEntropy(f, labels))).toBeCloseTo(-(logs[0]![2]! + logs[2]![0]!) / 2, 5);
  expect(valueOf(symbolCrossEntropy(f, tf.fill([3], -1, "int32") as tf.Tensor1D))).toBe(0);
});
