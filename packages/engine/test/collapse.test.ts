/** Broadcasts with fewer axes: the shapes that elementwise kernels run on. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "../src/index.js";
import { collapse } from "../src/onnx/collapse.js";
import { lowerToOnnx } from "../src/onnx/lower.js";
import { record } from "../src/recorder/record.js";

describe("collapse", () => {
  it.each([
    [
      [[4, 5, 6, 1], [1]],
      [4, 5, 6, 1],
      [[120], [1], [120]],
    ],
    [
      [[4, 5, 6, 1], []],
      [4, 5, 6, 1],
      [[120], [1], [120]],
    ],
    [
      [
        [4, 1],
        [3, 4, 1],
      ],
      [3, 4, 1],
      [
        [1, 4],
        [3, 4],
        [3, 4],
      ],
    ],
    [
      [
        [4, 5, 1, 1],
        [4, 1, 6, 1],
      ],
      [4, 5, 6, 1],
      [
        [4, 5, 1],
        [4, 1, 6],
        [4, 5, 6],
      ],
    ],
    [
      [[1, 1], [1]],
      [1, 1],
      [[], [], []],
    ],
  ])("of %j to %j is %j", (shapes, output, expected) => {
    expect(collapse(shapes, output)).toEqual(expected);
  });
});

describe("images of one channel", () => {
  beforeAll(() => useEngine("cpu"));

  const model = (fn: (x: tf.Tensor) => tf.Tensor): string => {
    const options = { engine: "onnx", supports: () => true, alternatives: [] };
    return Buffer.from(lowerToOnnx(record(fn as never, [tf.ones([6, 5, 4, 1])], options).graph)).toString("latin1");
  };

  it("keep their shape beside one number", () => {
    expect(model((x) => tf.maximum(tf.add(tf.mul(x, 2), [[3]]), -1)).includes("Reshape")).toBe(false);
  });

  it("have fewer axes beside numbers that broadcast", () => {
    expect(model((x) => tf.mul(x, [[1], [2], [3], [4]])).includes("Reshape")).toBe(true);
  });
});
