/** Recordings: the graph, captured tensors, errors, signatures, and nothing left behind. */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { compile, grad, record, printGraph, UnsupportedKernelError, useEngine, valueAndGrad } from "../src/index.js";

const options = { engine: "onnx", supports: () => true, alternatives: ["cpu"] };

describe("recording", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("lists kernels with shapes, merges equal work and drops what nothing needs", () => {
    const { graph } = record(
      (x: tf.Tensor) => {
        tf.exp(x);
        return tf.add(tf.mul(x, 2), tf.mul(x, 2));
      },
      [tf.ones([3])],
      options,
    );
    expect(printGraph(graph)).toBe(
      [
        "%0 float32[3] = argument 0",
        "%2 float32[] = constant 2",
        "%3 float32[3] = Multiply(%0, %2)",
        "%6 float32[3] = Add(%3, %3)",
        "return %6",
      ].join("\n"),
    );
  });

  it("takes captured tensors as constants and leaves them usable", async () => {
    const captured = random.uniform(random.key(1), [4]);
    const before = [...captured.dataSync()];
    const double = compile((x: tf.Tensor) => tf.mul(x, captured));
    expect([...(await double(tf.scalar(2))).dataSync()]).toEqual(before.map((v) => Math.fround(2 * v)));
    expect([...tf.add(captured, 0).dataSync()]).toEqual(before);
  });

  it("restores the backend and can record again after an error", async () => {
    const reading = compile((x: tf.Tensor) => tf.scalar(tf.sum(x).dataSync()[0]!));
    await expect(reading(tf.ones([2]))).rejects.toThrow(/read the value of the result of Sum.*tf\.where/s);
    expect(tf.getBackend()).toBe("cpu");
    const sum = compile((x: tf.Tensor) => tf.sum(x));
    expect((await sum(tf.ones([2]))).dataSync()[0]).toBe(2);
  });

  it("names the kernel and the engines when a kernel has no lowering", async () => {
    const distinct = compile((x: tf.Tensor) => tf.unique(x).values);
    await expect(distinct(tf.ones([2]))).rejects.toThrow(UnsupportedKernelError);
    await expect(distinct(tf.ones([2]))).rejects.toThrow(/"Unique".*engines that run it: cpu/);
  });

  it("records once per signature: numbers in tensors are free, plain numbers are part of it", async () => {
    const scale = compile((x: tf.Tensor, by: tf.Tensor | number) => tf.mul(x, by));
    for (const rate of [1, 2, 3]) await scale(tf.ones([2]), tf.scalar(rate));
    expect(scale.programs).toBe(1);
    await scale(tf.ones([3]), tf.scalar(1));
    expect(scale.programs).toBe(2);
    expect([...(await scale(tf.ones([2]), 5)).dataSync()]).toEqual([5, 5]);
    expect(scale.programs).toBe(3);
  });

  it("serves concurrent calls", async () => {
    const square = compile((x: tf.Tensor) => tf.square(x));
    const results = await Promise.all([1, 2, 3, 4].map((v) => square(tf.scalar(v))));
    expect(results.map((t) => t.dataSync()[0])).toEqual([1, 4, 9, 16]);
    expect(square.programs).toBe(1);
  });

  it("refuses gradients of what is no scalar", () => {
    expect(() => valueAndGrad((x: tf.Tensor) => tf.square(x))(tf.ones([2]))).toThrow(
      /returned shape \[2\]; expected a scalar/,
    );
  });

  it("refuses what returns a promise, whatever happens inside it", async () => {
    const later = async (x: tf.Tensor): Promise<tf.Tensor> => tf.mul(x, tf.randomNormal(x.shape));
    await expect(compile(later)(tf.ones([2]))).rejects.toThrow(/returned a promise/);
  });

  it("records while TensorFlow.js profiles and debugs, and leaves both on", async () => {
    const softmax = compile((x: tf.Tensor) => tf.exp(tf.logSoftmax(x)));
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    tf.enableDebugMode();
    tf.engine().state.profiling = true;
    try {
      record(() => tf.exp(tf.logSoftmax(tf.zeros([2]))), [], options);
      expect([tf.env().getBool("DEBUG"), tf.engine().state.profiling]).toEqual([true, true]);
    } finally {
      tf.engine().state.profiling = false;
      tf.env().set("DEBUG", false);
      warn.mockRestore();
    }
    expect([...(await softmax(tf.zeros([2]))).dataSync()]).toEqual([0.5, 0.5]);
  });

  it("leaves no tensors behind", async () => {
    const step = compile((x: tf.Tensor) => ({ x: tf.sub(x, grad((y: tf.Tensor) => tf.sum(tf.square(y)))(x)) }));
    const x = tf.ones([3]);
    (await step(x)).x.dispose();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) (await step(x)).x.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
