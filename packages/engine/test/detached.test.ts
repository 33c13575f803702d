/** Constants inside differentiated functions. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, detached, useEngine, valueAndGrad } from "../src/index.js";

describe.each(["cpu", "onnx"] as const)("detached on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("keeps the value and has no derivative, of first or second order", async () => {
    // x · c(x²) with constant c has value x³ and gradient x². The gradient of x · gradient, with
    // the gradient as a constant, is x² alone.
    const product = (x: tf.Tensor): tf.Tensor => tf.mul(x, detached(x, tf.square));
    const run = compile((x: tf.Tensor) => ({
      first: valueAndGrad(product)(x),
      second: valueAndGrad((y: tf.Tensor) => tf.mul(y, valueAndGrad(product)(y).grad))(x).grad,
      copy: valueAndGrad((y: tf.Tensor) => tf.mul(y, detached(y)))(x),
    }));
    const { first, second, copy } = await run(tf.scalar(3));
    expect([first.value.dataSync()[0], first.grad.dataSync()[0]]).toEqual([27, 9]);
    expect(second.dataSync()[0]).toBe(9);
    expect([copy.value.dataSync()[0], copy.grad.dataSync()[0]]).toEqual([9, 3]);
  });
});
