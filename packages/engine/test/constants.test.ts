/** Constants of models: arranged on the host, and given beside the model. */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import fc from "fast-check";
import ort from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { sizeOf } from "../src/graph.js";
import { compile, record, useEngine } from "../src/index.js";
import { OnnxBuilder, type LargeConstant } from "../src/onnx/builder.js";
import { transposed } from "../src/onnx/constant-layout.js";
import { lowerToOnnx } from "../src/onnx/lower.js";
import { lowerings } from "../src/onnx/lowerings.js";
import { block } from "./run-once.js";

beforeAll(async () => {
  await useEngine("cpu");
});

const shapeAndOrder = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }).chain((shape) => {
  const axes = shape.map((_, axis) => axis);
  return fc.record({ shape: fc.constant(shape), perm: fc.shuffledSubarray(axes, { minLength: axes.length }) });
});

describe("constants", () => {
  it("are transposed as by TensorFlow.js", () => {
    const property = fc.property(shapeAndOrder, ({ shape, perm }) => {
      const x = tf.reshape(tf.range(0, sizeOf(shape)), shape);
      const numbers = x.dataSync<"float32">();
      const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
      const expected = tf.transpose(x, perm).dataSync();
      expect(new Float32Array(transposed(bytes, shape, perm).buffer)).toEqual(expected);
    });
    fc.assert(property, { seed: 3, numRuns: 100 });
  });

  it("leave no operator and no copy in the model when they are arranged", () => {
    const builder = new OnnxBuilder();
    const x = builder.constant({ shape: [2, 3], dtype: "float32" }, Float32Array.of(1, 2, 3, 4, 5, 6));
    const arranged = builder.reshape(builder.transpose(x, [1, 0]), [6]);
    builder.output(arranged, "out0", { shape: [6], dtype: "float32" });
    const text = Buffer.from(builder.model()).toString("latin1");
    const bytesOf = (...values: number[]): string => Buffer.from(Float32Array.of(...values).buffer).toString("latin1");
    expect(text).toContain(bytesOf(1, 4, 2, 5, 3, 6));
    expect(text).not.toContain(bytesOf(1, 2, 3, 4, 5, 6));
    expect(text).not.toMatch(/Transpose|Reshape/);
  });

  it.each(["plain", "blocked"])("give the same results inside and beside the model: %s images", async (layout) => {
    const channels = layout === "blocked" ? await block : undefined;
    const filter = random.normal(random.key(1), [3, 3, 32, 64]);
    const table = random.normal(random.key(2), [64, 300]);
    const fn = (x: tf.Tensor): tf.Tensor =>
      tf.matMul(tf.reshape(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"), [-1, 64]), table);
    const x = random.normal(random.key(3), [2, 4, 4, 32]);
    const supports = (kernel: string): boolean => kernel in lowerings;
    const { graph } = record(fn, [x], { engine: "onnx", supports, alternatives: [] });
    const outcome = async (model: Uint8Array, beside = new Map<string, LargeConstant>()): Promise<unknown> => {
      const externalData = Array.from(beside, ([path, { bytes }]) => ({ path, data: bytes }));
      const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4, externalData });
      for (const { bytes } of beside.values()) bytes.fill(0xff); // The session has copies of its own.
      const fed = new ort.Tensor("float32", x.dataSync() as Float32Array, x.shape);
      const { out0 } = await session.run({ in0: fed });
      await session.release();
      return out0!.data;
    };
    const beside = new Map<string, LargeConstant>();
    const [whole, parted] = [lowerToOnnx(graph, { block: channels }), lowerToOnnx(graph, { block: channels, beside })];
    const moved = [...beside.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    expect(moved).toBe(4 * (filter.size + table.size));
    // The filter is arranged, in memory of the model's own. The table is that of its tensor.
    expect([...beside.values()].map(({ bytes, own }) => [bytes.byteLength, own])).toEqual([
      [4 * table.size, false],
      [4 * filter.size, true],
    ]);
    expect(parted.byteLength).toBeLessThan(whole.byteLength - 4 * filter.size);
    const expected = await outcome(whole);
    expect(await outcome(parted, beside)).toEqual(expected);
  });

  it("that tensors hold stay with them when a program is loaded", async () => {
    await useEngine("onnx");
    const [filter, table, x] = [[3, 3, 32, 64], [64, 300], [2, 4, 4, 32]].map((shape, i) => random.normal(random.key(i), shape)); // prettier-ignore
    const before = [filter!, table!].map((tensor) => tensor.dataSync().slice());
    const layer = compile((image: tf.Tensor) =>
      tf.matMul(tf.reshape(tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"), [-1, 64]), table!),
    );
    await layer(x!);
    expect([filter!, table!].map((tensor) => tensor.dataSync())).toEqual(before);
    await layer.dispose();
  });
});
