/** One warning names the numbers that should have been tensors. */
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { compile, useEngine } from "../src/index.js";

let warn: MockInstance<typeof console.warn>;

describe.each(["cpu", "onnx"] as const)("on %s, a function recorded for changing numbers", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });
  beforeEach(() => {
    warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  });
  afterEach(() => {
    warn.mockRestore();
  });

  const step = () => compile((x: tf.Tensor, { rate }: { rate: number }, times: number) => tf.mul(x, rate * times));
  const callsOf = async (values: readonly number[]): Promise<void> => {
    const fn = step();
    for (const rate of values) await fn(tf.ones([2]), { rate }, 2);
    await fn.dispose();
  };
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => (i + 1) / 8);

  it("warns once, naming the argument that changed, its values, and the way out", async () => {
    await callsOf(range(40));
    expect(warn).toHaveBeenCalledTimes(1);
    const [message] = warn.mock.calls[0]! as [string];
    expect(message).toMatch(
      /recorded 13 times.*argument 1\.rate \(0\.125, 0\.25, 0\.375, \.\.\.\).*tf\.scalar\(value\)/,
    );
    expect(message).not.toMatch(/argument 2/);
  });

  it("does not warn for a few values, however often they come", async () => {
    const few = range(12);
    await callsOf([...few, ...few, ...few]);
    const fn = step();
    for (const rate of [...few, ...few]) {
      await fn(tf.ones([2]), { rate }, 2);
      await fn.dispose();
    }
    expect(warn).not.toHaveBeenCalled();
  });

  it("does not warn for other shapes, texts and switches", async () => {
    const fn = compile((x: tf.Tensor, _options: { name: string; on: boolean }, by: number) => tf.mul(x, by));
    for (let i = 1; i <= 20; i++) await fn(tf.ones([i]), { name: `n${i}`, on: i % 2 === 0 }, i);
    expect(warn).not.toHaveBeenCalled();
  });

  it("does not warn for numbers in tensors", async () => {
    const fn = compile((x: tf.Tensor, by: tf.Tensor) => tf.mul(x, by));
    for (const rate of range(40)) await fn(tf.ones([2]), tf.scalar(rate));
    expect(warn).not.toHaveBeenCalled();
    expect(fn.programs).toBe(1);
  });

  it("warns for each function by itself", async () => {
    await callsOf(range(13));
    await callsOf(range(13));
    expect(warn).toHaveBeenCalledTimes(2);
  });
});
