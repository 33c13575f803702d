/** Results that are also multiplied by 1/x, which ONNX Runtime loses when it fuses the two. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { compile, useEngine } from "../src/index.js";
import { inRuntime } from "./ways.js";

beforeAll(() => useEngine("onnx"));

it.each([
  ["1/x", (x: tf.Tensor) => tf.div(1, x)],
  ["1/sqrt(x)", (x: tf.Tensor) => tf.rsqrt(x)],
  ["the reciprocal", (x: tf.Tensor) => tf.reciprocal(x)],
] as const)("a result times %s", async (_, inverse) => {
  const moved = (p: tf.Tensor, x: tf.Tensor): tf.Tensor[] => {
    const next = tf.sub(p, x);
    return [next, tf.mul(inverse(x), next)];
  };
  const [p, x] = [tf.tensor1d([3, 12, -1]), tf.tensor1d([1, 4, 0.25])];
  const compiled = compile(moved, inRuntime);
  const [found, expected] = [await compiled(p, x), moved(p, x)];
  expect(found.map((one) => [...one.dataSync()])).toEqual(expected.map((one) => [...one.dataSync()]));
  await compiled.dispose();
});
