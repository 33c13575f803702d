/** The inverse of a unit lower triangular matrix, and its gradient, at every size. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, grad, useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { unitLowerInverse } from "../src/triangular.js";

describe.each(["cpu", "onnx"] as const)("on %s", (engine) => {
  beforeAll(() => useEngine(engine));

  it.each([1, 2, 3, 4, 5, 7, 8, 9, 12, 17, 48, 96])("L⁻¹ of %d rows", async (n) => {
    const below = tf.linalg.bandPart(random.normal(random.key(n), [n, n], { sd: 0.5 / Math.sqrt(n) }), -1, 0);
    const lower = tf.add(tf.linalg.bandPart(below, -1, 0), tf.sub(tf.eye(n), tf.linalg.bandPart(below, 0, 0)));
    const direction = random.normal(random.key("direction"), [n, n]);
    const program = compile((matrix: tf.Tensor2D, v: tf.Tensor) => ({
      inverse: unitLowerInverse(matrix),
      slope: grad((m: tf.Tensor2D) => tf.sum<tf.Scalar>(tf.mul(v, unitLowerInverse(m))))(matrix),
    }));
    const { inverse, slope } = await program(lower as tf.Tensor2D, direction);
    await program.dispose();
    const off = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
    expect(off(tf.matMul(lower as tf.Tensor2D, inverse), tf.eye(n))).toBeLessThan(1e-5);
    // d tr(Vᵀ L⁻¹) = -tr(Vᵀ L⁻¹ dL L⁻¹), below the diagonal, which the map takes as it is.
    const full = tf.neg(tf.matMul(tf.matMul(inverse, direction as tf.Tensor2D, true), inverse, false, true));
    const strict = (x: tf.Tensor): tf.Tensor => tf.sub(tf.linalg.bandPart(x, -1, 0), tf.linalg.bandPart(x, 0, 0));
    expect(off(strict(slope), strict(full))).toBeLessThan(1e-4 * Math.max(1, tf.max(tf.abs(full)).dataSync()[0]!));
  });
});
