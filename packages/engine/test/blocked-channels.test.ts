/**
 * Blocked images times, plus and less numbers for each channel have the bits of TensorFlow.js, and
 * do not broadcast.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, record, useEngine } from "../src/index.js";
import { lowerToOnnx } from "../src/onnx/lower.js";
import { inRuntime } from "./ways.js";

type Change = (image: tf.Tensor, numbers: tf.Tensor) => tf.Tensor;

const changes: Readonly<Record<string, Change>> = {
  "times, the image first": (image, numbers) => tf.mul(image, numbers),
  "times, the numbers first": (image, numbers) => tf.mul(numbers, image),
  plus: (image, numbers) => tf.add(numbers, image),
  less: (image, numbers) => tf.sub(image, numbers),
  "numbers less the image": (image, numbers) => tf.sub(numbers, image),
};

/** The filter of one tap that leaves an image as it is, so that the image is blocked. */
const unchanged = (channels: number) => tf.reshape(tf.eye(channels), [1, 1, channels, channels]) as tf.Tensor4D;

const between = (change: Change) => (image: tf.Tensor, numbers: tf.Tensor, filter: tf.Tensor) =>
  change(tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"), numbers);

const drawn = (shape: number[], name: string): tf.Tensor => random.normal(random.key(name), shape);

/** Numbers of each image, and numbers that all images share, with fewer axes too. */
const shapes = (channels: number): number[][] => [[3, 1, 1, channels], [1, 1, 1, channels], [channels]];

describe.each(Object.entries(changes))("%s", (name, change) => {
  beforeAll(() => useEngine("onnx"));

  // 16 fills a block of 8 or 16 channels, 20 does not.
  it.each([16, 20])("has the bits of TensorFlow.js with %i channels", async (channels) => {
    const compiled = compile(between(change), inRuntime);
    for (const shape of shapes(channels)) {
      const image = drawn([3, 5, 4, channels], "image");
      // The last channels are not finite.
      const numbers = tf.mul(drawn(shape, "numbers"), [...Array(channels - 2).fill(1), Infinity, NaN]);
      const actual = await compiled(image, numbers, unchanged(channels));
      await useEngine("cpu");
      const expected = change(image, numbers).dataSync();
      await useEngine("onnx");
      expect(actual.dataSync()).toEqual(expected);
    }
    await compiled.dispose();
  });

  it("is an operator that broadcasts only where the numbers come first in a difference", () => {
    const options = { engine: "onnx", supports: () => true, alternatives: [] };
    for (const shape of shapes(16)) {
      const inputs = [drawn([3, 5, 4, 16], "image"), drawn(shape, "numbers"), unchanged(16)];
      const { graph } = record(between(change) as never, inputs, options);
      const model = Buffer.from(lowerToOnnx(graph, { block: 16 })).toString("latin1");
      expect(/"\x03(Mul|Add|Sub)/.test(model)).toBe(name === "numbers less the image");
    }
  });
});
