/** Multiply-adds of compiled programs, against counts by hand. */
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { compile, countMultiplyAdds, useEngine, valueAndGrad } from "../src/index.js";

beforeAll(() => useEngine("onnx"));

const normal = (shape: number[]): tf.Tensor => random.normal(random.key(0), shape);

it("count products of matrices and convolutions, with their gradients", async () => {
  const dense = 2 * 5 * 7 * 3;
  const product = compile((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b));
  expect((await countMultiplyAdds(() => product(normal([2, 5, 7]), normal([2, 7, 3])))).multiplyAdds).toBe(dense);

  const transposed = compile((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, true));
  expect((await countMultiplyAdds(() => transposed(normal([7, 5]), normal([7, 3])))).multiplyAdds).toBe(5 * 7 * 3);

  const loss = (x: tf.Tensor, w: tf.Tensor) =>
    tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same")));
  const both = compile((x: tf.Tensor, w: tf.Tensor) => {
    const { grad } = valueAndGrad(([a, b]: readonly tf.Tensor[]) => loss(a!, b!))([x, w] as readonly tf.Tensor[]);
    return grad;
  });
  // The convolution, and its gradients with respect to both inputs.
  const forward = 2 * 8 * 8 * 6 * (3 * 3 * 4);
  const { multiplyAdds } = await countMultiplyAdds(() => both(normal([2, 8, 8, 4]), normal([3, 3, 4, 6])));
  expect(multiplyAdds).toBe(3 * forward);
});

it("count every call once, and nothing outside a count or that no result needs", async () => {
  const twice = compile((a: tf.Tensor) => {
    tf.matMul(a, a);
    return tf.add(a, 1);
  });
  const square = compile((a: tf.Tensor) => tf.matMul(a, a));
  const x = normal([4, 4]);
  const { result, multiplyAdds } = await countMultiplyAdds(async () => {
    await twice(x);
    await square(x);
    return square(x);
  });
  expect(result.shape).toEqual([4, 4]);
  expect(multiplyAdds).toBe(2 * 64);
  await square(x);
  expect((await countMultiplyAdds(async () => 1)).multiplyAdds).toBe(0);
});
