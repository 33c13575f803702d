/** Draws whose rows are equal: the same numbers for every example of a batch. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { random, type Draw, type Key } from "../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const key = random.key(5);
const equal = random.equalRows(key);

describe("a key of equal rows", () => {
  it.each<Draw>([
    { kind: "normal", shape: [4, 2, 3], mean: 1, sd: 2 },
    { kind: "uniform", shape: [4, 6], low: -1, high: 1 },
    { kind: "bernoulli", shape: [4, 9], probability: 0.5 },
    { kind: "integers", shape: [4, 5], low: -3, high: 3 },
    { kind: "categorical", shape: [4, 5], probabilities: [0.2, 0.8] },
    { kind: "normal", shape: [4], mean: 0, sd: 1 },
  ])("repeats the first row of the key: %j", async (spec) => {
    const first = tf.gather(key.draw(spec), [0, 0, 0, 0]);
    const drawn = equal.draw(spec);
    expect(drawn.shape).toEqual(spec.shape);
    expect([...(await drawn.data())]).toEqual([...(await first.data())]);
  });

  it("passes that on to its children, which are the children of the key", () => {
    const child = random.fold(random.split(equal, 2)[1] as Key, 3);
    const usual = random.fold(random.split(key, 2)[1] as Key, 3);
    const [value] = random.host.normal(usual, 1);
    expect([...random.host.normal(child, 3)]).toEqual([value, value, value]);
  });

  it("leaves numbers without rows and permutations as they are", () => {
    expect([...random.normal(equal, []).dataSync()]).toEqual([...random.normal(key, []).dataSync()]);
    expect(random.uniform(equal, [0, 3]).shape).toEqual([0, 3]);
    expect(random.host.permutation(equal, 9)).toEqual(random.host.permutation(key, 9));
  });
});
