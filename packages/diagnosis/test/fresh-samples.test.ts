/** Samples by chains from fresh starts. */
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import type { ChainPosition } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { freshSamples } from "../src/fresh-samples.js";
import { autoregression } from "./support.js";

beforeAll(() => useEngine("onnx"));

const observe = (x: ChainPosition) => tf.mul(10, x as tf.Tensor);

it("are what scattered chains show after so many steps, and nothing of the usual start", async () => {
  // Scattered starts have variance 4, so after k steps the variance is 1 + 3 a^2k. The usual start
  // at 100 would leave a mean of 66 or more.
  const chain = autoregression(0.9, 100, { observe });
  for (const [steps, k] of [
    [undefined, 4],
    [1, 1],
  ] as const) {
    const done: number[] = [];
    const request = { n: 1200, steps, key: random.key(0), onStep: (at: number) => done.push(at) };
    const samples = (await freshSamples(chain, request)) as tf.Tensor;
    expect(samples.shape).toEqual([1200, 1]);
    const variance = 100 * (1 + 3 * 0.9 ** (2 * k));
    const { mean: centre, variance: found } = tf.moments(samples);
    // Five standard errors each: false alarms below 1e-6.
    expect(Math.abs(centre.dataSync()[0]!)).toBeLessThan(5 * Math.sqrt(variance / 1200));
    expect(Math.abs(found.dataSync()[0]! / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 1200));
    expect(done.at(-1)).toBe(1200 * k);
  }
});

it("are refused for counts that are none, and for chains that show nothing", async () => {
  const key = random.key(0);
  const shown = autoregression(0.5, 0, { observe });
  await expect(freshSamples(shown, { n: 0, key })).rejects.toThrow(/^n is 0/);
  await expect(freshSamples(shown, { n: 1, steps: 0, key })).rejects.toThrow(/^steps is 0/);
  await expect(freshSamples(autoregression(0.5, 0), { n: 1, key })).rejects.toThrow(
    /^the chain of an autoregression shows nothing, expected a chain with observe\(\)/,
  );
});
