/**
 * Scale and shift by a condition: its formula on images and vectors, its start as the identity,
 * second derivatives.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { grad, useEngine } from "@ergodic/engine";
import { scaleAndShift } from "@ergodic/nn";
import { random } from "@ergodic/tensor";

const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const params = () => ({ weight: tf.tensor2d([[1, 2, 10, 20]]), bias: tf.tensor1d([0, 1, 0, 5]) });

describe.each(["cpu", "onnx"] as const)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });
  const layer = scaleAndShift({ channels: 2, features: 1 });

  it("scales and shifts the channels of each example at every position", () => {
    const condition = tf.tensor2d([[0], [1]]);
    // c = 0: scales 1, 2 and shifts 0, 5. c = 1: scales 2, 4 and shifts 10, 25.
    const vectors = layer.apply(params(), { image: tf.ones([2, 2]), condition });
    expect(valuesOf(vectors)).toEqual([1, 7, 12, 29]);
    const images = layer.apply(params(), { image: tf.ones([2, 2, 1, 2]), condition });
    expect(valuesOf(images)).toEqual([1, 7, 1, 7, 12, 29, 12, 29]);
  });

  it("begins as the identity", () => {
    const image = random.normal(random.key(0), [3, 2]);
    const fresh = layer.init(random.key(1));
    expect(valuesOf(layer.apply(fresh, { image, condition: tf.ones([3, 1]) }))).toEqual(valuesOf(image));
  });

  it("has right second derivatives: y² = ((1 + s) x + t)² has the slope 2 (1 + s)² in x, twice", () => {
    const condition = tf.tensor2d([[1]]);
    const first = grad((image: tf.Tensor) => tf.sum(tf.square(layer.apply(params(), { image, condition }))));
    const second = grad((image: tf.Tensor) => tf.sum(first(image)))(tf.tensor2d([[0.3, -0.7]]));
    expect(valuesOf(second)).toEqual([8, 32]);
  });
});

it("refuses inputs of other shapes", async () => {
  await useEngine("cpu");
  const layer = scaleAndShift({ channels: 2, features: 1 });
  const at = (image: tf.Tensor, condition: tf.Tensor) => () => layer.apply(params(), { image, condition });
  expect(at(tf.ones([2, 3]), tf.ones([2, 1]))).toThrow(/the input of scaleAndShift has shape \[2,3\]/);
  expect(at(tf.ones([2, 2]), tf.ones([3, 1]))).toThrow(
    /condition of scaleAndShift has shape \[3,1\], expected \[2,1\]/,
  );
  expect(() => scaleAndShift({ channels: 0, features: 1 })).toThrow(/channels is 0/);
});
