/**
 * Functions that are recorded once give the numbers of functions that are recorded at every call.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import { beforeAll, expect, it } from "vitest";
import { compile, grad, record, recordedOnce, useEngine } from "../src/index.js";

beforeAll(() => useEngine("cpu"));

const options = { engine: "onnx", supports: () => true, alternatives: ["cpu"] };
const weight = random.normal(random.key("weight"), [3, 3]);
const slope = (x: tf.Tensor): tf.Tensor =>
  grad((at: tf.Tensor) => tf.sum(tf.tanh(tf.matMul(tf.mul(at, 2), tf.mul(weight, 0.5)))))(x);
const steps =
  (of: (x: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor): tf.Tensor => {
    let at = x;
    for (let i = 0; i < 4; i++) at = tf.sub(at, tf.mul(0.1, of(at)));
    return at;
  };
const counted = <A, R>(fn: (x: A) => R): { fn: (x: A) => R; calls: () => number } => {
  let calls = 0;
  return { fn: (x) => ((calls += 1), fn(x)), calls: () => calls };
};

it("has the bits of the function, and calls it once in a recording", async () => {
  const x = random.normal(random.key("x"), [2, 3]);
  const { fn, calls } = counted(slope);
  const once = await compile(steps(recordedOnce(fn)))(x);
  expect(calls()).toBe(1);
  expect(once.dataSync()).toEqual((await compile(steps(slope))(x)).dataSync());
});

it("makes the graph of the function", () => {
  const kernels = (of: typeof slope): string[] =>
    record(steps(of), [tf.ones([2, 3])], options)
      .graph.nodes.map(({ kernel }) => kernel)
      .sort();
  expect(kernels(recordedOnce(slope))).toEqual(kernels(slope));
});

it("is recorded for every shape, and for equal arguments apart from different ones", async () => {
  const { fn, calls } = counted(([a, b]: readonly tf.Tensor[]) => tf.sub(a!, b!));
  const difference = recordedOnce(fn);
  const results = compile((x: tf.Tensor, y: tf.Tensor, z: tf.Tensor) => [
    difference([x, x]),
    difference([x, y]),
    difference([y, x]),
    difference([z, z]),
  ]);
  const found = await results(tf.tensor1d([1, 2]), tf.tensor1d([5, 7]), tf.tensor1d([9]));
  expect(found.map((one) => [...one.dataSync()])).toEqual([[0, 0], [-4, -5], [4, 5], [0]]);
  expect(calls()).toBe(3);
});

it("returns arguments, constants and draws as the function does", async () => {
  const mixed = compile((x: tf.Tensor, key: Parameters<typeof random.normal>[0]) => {
    const of = recordedOnce((at: tf.Tensor) => ({ at, one: tf.scalar(1), draw: random.normal(key, [2]) }));
    return [of(x), of(tf.neg(x))];
  });
  const [first, second] = await mixed(tf.scalar(3), random.key(4));
  expect([first!.at.dataSync()[0], second!.at.dataSync()[0]]).toEqual([3, -3]);
  expect(second!.one.dataSync()[0]).toBe(1);
  expect(second!.draw.dataSync()).toEqual(random.normal(random.key(4), [2]).dataSync());
  expect(first!.draw.dataSync()).toEqual(second!.draw.dataSync());
});

it("calls the function inside gradients and outside recordings", async () => {
  const { fn, calls } = counted((x: tf.Tensor) => tf.square(x));
  const once = recordedOnce(fn);
  expect(once(tf.scalar(3)).dataSync()[0]).toBe(9);
  const derivative = compile((x: tf.Tensor) => grad((at: tf.Tensor) => tf.add(once(at), once(tf.mul(at, 2))))(x));
  expect((await derivative(tf.scalar(3))).dataSync()[0]).toBe(30);
  expect(calls()).toBe(3);
});
