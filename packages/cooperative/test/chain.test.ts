/** The chain of revision: its step, its stationary law, its reference, and its direction. */
import { compile, useEngine } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { random, ValidationError, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { assertChain, describeChain, revised, type RevisionChain } from "../src/chain.js";
import { difference, valuesOf } from "./support.js";

const key = random.key("chain");
const halfSquare = (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.sum(tf.square(x), 1));
const flat = (x: tf.Tensor): tf.Tensor => tf.mul(0, tf.sum(x, 1));
const run = (chain: RevisionChain, energy: (x: tf.Tensor) => tf.Tensor, start: tf.Tensor, at: Key = key) =>
  compile((x: tf.Tensor, k: Key) => revised(chain, energy, x, { key: k }))(start, at);

describe.each(["cpu", "onnx"] as const)("the chain on %s", (engine) => {
  beforeAll(() => useEngine(engine));

  it("shrinks by 1 - δ²/(2σ²) a step under the reference alone: by 0.85482 at the published settings", async () => {
    const chain = { steps: 20, stepSize: 0.002, withNoise: false, referenceSd: 0.016 };
    const end = await run(chain, flat, tf.tensor2d([[1, -0.5]]));
    expect((1 - 0.002 ** 2 / (2 * 0.016 ** 2)) ** 20).toBeCloseTo(0.85482, 5);
    expect(difference(valuesOf(end), [0.85482, -0.42741])).toBeLessThan(2e-5);
  });

  it("has the same step for δ and for α = δ²/2 with its noise", async () => {
    const start = random.normal(random.key("start"), [4, 2]);
    const [byStep, byDrift] = [
      await run({ steps: 3, stepSize: 0.3 }, halfSquare, start),
      await run({ steps: 3, drift: 0.045, noise: 0.3 }, halfSquare, start),
    ];
    expect(difference(valuesOf(byStep), valuesOf(byDrift))).toBeLessThan(1e-6);
  });

  it("repeats with its key, and goes on from where it stopped", async () => {
    const start = random.normal(random.key("start"), [4, 2]);
    const noisy = { steps: 5, stepSize: 0.3 };
    expect(valuesOf(await run(noisy, halfSquare, start))).toEqual(valuesOf(await run(noisy, halfSquare, start)));
    const still = (steps: number) => ({ steps, stepSize: 0.3, withNoise: false });
    const twice = await run(still(10), halfSquare, await run(still(10), halfSquare, start));
    expect(difference(valuesOf(twice), valuesOf(await run(still(20), halfSquare, start)))).toBeLessThan(1e-6);
  });
});

describe("the chain", () => {
  beforeAll(() => useEngine("onnx"));

  it("has the stationary variance of its discretisation under f = -|x|²/2", async () => {
    // 1/(1 - δ²/4) with δ = 0.8. The variance of 40,000 independent numbers has the relative
    // standard error √(2/40,000) = 0.7 %; the false-alarm rate at five of them is below 1e-6.
    const start = random.normal(random.key("start"), [20_000, 2]);
    const end = valuesOf(await run({ steps: 40, stepSize: 0.8 }, halfSquare, start));
    const variance = end.reduce((sum, x) => sum + x * x, 0) / end.length;
    expect(Math.abs(variance * (1 - 0.8 ** 2 / 4) - 1)).toBeLessThan(0.036);
  });

  it("lowers the energy at every step without noise, so f = -E rises", async () => {
    const energy = mlpEnergy({ in: 2, widths: [16] });
    const params = energy.init(random.key("energy"));
    const at = (x: tf.Tensor) => energy.energy(params, x);
    let x: tf.Tensor = random.normal(random.key("start"), [64, 2]);
    let before = tf.mean(at(x)).dataSync()[0]!;
    for (let step = 0; step < 5; step++) {
      x = await run({ steps: 1, drift: 0.1, withNoise: false }, at, x);
      const after = tf.mean(at(x)).dataSync()[0]!;
      expect(after).toBeLessThan(before);
      before = after;
    }
  });

  it("moves a number by at most the clipped gradient times the drift", async () => {
    const steep = (x: tf.Tensor): tf.Tensor => tf.mul(1000, tf.sum(x, 1));
    const end = await run(
      { steps: 4, drift: 2, withNoise: false, gradientClip: { limit: 0.05 } },
      steep,
      tf.zeros([1, 2]),
    );
    expect(difference(valuesOf(end), [-0.4, -0.4])).toBeLessThan(1e-6);
  });

  it("says its step in numbers", () => {
    expect(describeChain({ steps: 20, stepSize: 0.002, withNoise: false, referenceSd: 0.016 })).toBe(
      "20 steps x - 0.000002 ∇E, reference N(0, 0.016²)",
    );
    expect(describeChain({ steps: 15, drift: 1, noise: 0.02 })).toBe("15 steps x - 1 ∇E + 0.02 ξ");
    expect(describeChain({ steps: 5, stepSize: 0.1 })).toBe("5 steps x - 0.005 ∇E + 0.1 ξ");
  });

  it.each([
    [{ steps: 0, drift: 1 }, /chain.steps is 0/],
    [{ steps: 1, drift: 0 }, /drift is 0/],
    [{ steps: 1, drift: 1, referenceSd: 0 }, /chain.referenceSd is 0/],
    [{ steps: 1 } as RevisionChain, /neither stepSize nor drift/],
  ])("refuses wrong settings (%#)", (chain, message) => {
    expect(() => assertChain(chain)).toThrow(ValidationError);
    expect(() => assertChain(chain)).toThrow(message);
  });
});
