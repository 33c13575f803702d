/** WebAssembly kernels never write outside a result whose size TensorFlow.js gets wrong. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "../src/index.js";

beforeAll(() => useEngine("wasm"));

const x = (): tf.Tensor4D => tf.ones([1, 6, 6, 2]);

describe("numeric padding on WebAssembly", () => {
  it.each([
    ["Conv2D", () => tf.conv2d(x(), tf.ones([3, 1, 2, 4]), 1, 1)],
    ["Conv2D", () => tf.conv2d(x(), tf.ones([3, 3, 2, 4]), [1, 2], 1)],
    ["DepthwiseConv2dNative", () => tf.depthwiseConv2d(x(), tf.ones([1, 3, 2, 1]), 1, 1)],
    ["MaxPool", () => tf.maxPool(x(), [3, 2], 1, 1)],
    ["AvgPool", () => tf.avgPool(x(), [2, 3], 1, 1)],
  ])("of %s is refused for windows or strides that are not square", (kernel, call) => {
    expect(call).toThrow(new RegExp(`${kernel} on wasm.*Pad first`));
  });

  it("serves square ones, and uneven ones without numbers", () => {
    expect(tf.conv2d(x(), tf.ones([3, 3, 2, 4]), 2, 1).shape).toEqual([1, 3, 3, 4]);
    expect(tf.conv2d(x(), tf.ones([3, 1, 2, 4]), 1, "same").shape).toEqual([1, 6, 6, 4]);
    expect(tf.maxPool(x(), [3, 2], 1, "valid").shape).toEqual([1, 4, 5, 2]);
  });
});
