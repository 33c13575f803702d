/** Convolutions of images side by side have the numbers of the same convolutions of each image. */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, useEngine } from "../src/index.js";
import { convolve } from "../src/onnx/blocked/forward.js";
import type { ConvolutionGeometry } from "../src/onnx/blocked/geometry.js";
import { fromBlocked, toBlocked } from "../src/onnx/blocked/layout.js";
import { convolveSideBySide, isFasterSideBySide } from "../src/onnx/blocked/side-by-side.js";
import { blockWeights } from "../src/onnx/blocked/weights.js";
import { OnnxBuilder } from "../src/onnx/builder.js";
import { relativeError } from "./relative-error.js";
import { block as blockHere, runOnce } from "./run-once.js";

const block = (await blockHere)!;

/** One axis of a convolution: its kernel, stride, padding on both sides, and the size of the image. */
const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 3 }),
    before: fc.integer({ min: 0, max: 3 }),
    after: fc.integer({ min: 0, max: 3 }),
    extra: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ kernel, stride, before, after, extra }) => {
    // An edge is never wider than the kernel reaches.
    const [left, right] = [Math.min(before, kernel - 1), Math.min(after, kernel - 1)];
    const size = kernel + extra;
    return { kernel, stride, left, right, size, positions: Math.floor((size + left + right - kernel) / stride) + 1 };
  });

const geometry = fc
  .record({
    rows: axis,
    columns: axis,
    batch: fc.integer({ min: 1, max: 4 }),
    inputs: fc.constantFrom(16, 40),
    outputs: fc.constantFrom(3, 32),
  }) // prettier-ignore
  .map(({ rows, columns, batch, inputs, outputs }): ConvolutionGeometry => ({
    filter: [rows.kernel, columns.kernel, inputs, outputs],
    strides: [rows.stride, columns.stride],
    dilations: [1, 1],
    padding: [rows.left, columns.left, rows.right, columns.right],
    image: [batch, rows.size, columns.size, inputs],
    positions: [rows.positions, columns.positions],
  }));

const normal = (shape: readonly number[], key: string): { data: Float32Array; shape: readonly number[] } => ({
  data: random.normal(random.key(key), [...shape]).dataSync() as Float32Array,
  shape,
});

describe.skipIf(block === undefined)("images side by side", () => {
  it("have the numbers of each image alone, for any geometry", async () => {
    const property = fc.asyncProperty(geometry, async (of) => {
      const { filter, strides, dilations, padding: pads, image, positions } = of;
      const builder = new OnnxBuilder();
      const target = { builder, block };
      builder.input("in0", { shape: image, dtype: "float32" });
      builder.input("in1", { shape: filter, dtype: "float32" });
      const [x, weights] = [toBlocked(target, "in0", image), blockWeights(target, "in1", { filter })];
      const shape = [image[0], ...positions, filter[3]] as const;
      const window = { kernel: [filter[0], filter[1]] as const, strides, dilations, pads };
      const results = [convolve(target, x, weights, window), convolveSideBySide(target, x, weights, of, {})];
      results.forEach((one, i) =>
        builder.output(fromBlocked(target, one, shape), `out${i}`, { shape, dtype: "float32" }),
      );
      const { out0, out1 } = await runOnce(builder.model(), [normal(image, "image"), normal(filter, "filter")]);
      const [each, beside] = [out0, out1].map((one) => tf.tensor(one!.data as Float32Array));
      expect(relativeError(beside!, each!)).toBeLessThan(1e-6);
    });
    await fc.assert(property, { seed: 3, numRuns: 60 });
  });

  it("are used by programs where they are faster", async () => {
    const image = [3, 6, 6, 256] as const;
    const filter = [4, 4, image[3], 512] as const;
    const pads = { padding: [1, 1, 1, 1], dilations: [1, 1], positions: [3, 3] } as const;
    expect(isFasterSideBySide({ image, filter, strides: [2, 2], ...pads }, block)).toBe(true);
    expect(isFasterSideBySide({ image, filter, strides: [1, 1], ...pads }, block)).toBe(false);
    expect(isFasterSideBySide({ image: [1, 6, 6, image[3]], filter, strides: [2, 2], ...pads }, block)).toBe(false);
    const few = [4, 4, 16, 16] as const;
    expect(isFasterSideBySide({ image: [3, 6, 6, few[2]], filter: few, strides: [2, 2], ...pads }, block)).toBe(false);

    const xs = [image, filter, [filter[3]]].map((shape, i) => random.normal(random.key(`x${i}`), [...shape]));
    const layer = compile((x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => {
      const y = tf.conv2d(x as tf.Tensor4D, tf.mul(w, 0.01) as tf.Tensor4D, 2, [[0, 0], [1, 1], [1, 1], [0, 0]]); // prettier-ignore
      return tf.leakyRelu(tf.add(y, b), 0.2);
    });
    const values = [];
    for (const engine of ["cpu", "onnx"] as const) {
      await useEngine(engine);
      values.push(await layer(xs[0]!, xs[1]!, xs[2]!));
    }
    expect(relativeError(values[1]!, values[0]!)).toBeLessThan(1e-5);
  });
});
