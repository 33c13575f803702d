import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, tree } from "@ergodic/tensor";
import { largestDifference, sumOver, valuesOf } from "./support.js";
import { heldOut, latents, learnThePlane, logLikelihood, sigma, toy, toyModel } from "./toy.js";

describe("an energy learned in the plane", () => {
  it("has a likelihood by quadrature that agrees with known densities", async () => {
    await useEngine("cpu");
    const gaussian = latents.map((z) => (z[0]! ** 2 + z[1]! ** 2) / 2);
    const variance = 1 + sigma * sigma;
    const exact =
      -Math.log(2 * Math.PI * variance) - sumOver(heldOut.length, (i) => heldOut[i]! ** 2) / heldOut.length / variance;
    expect(logLikelihood(gaussian)).toBeCloseTo(exact, 4);
    // As reported for 1,000 other points; the log-densities have sd 0.6 and 1.1, so 4.89 standard
    // errors of a difference are below 0.25.
    expect(Math.abs(exact + 3.389)).toBeLessThan(0.25);
    const truth = tf.tidy(() => tf.mean(toy.logDensity(tf.tensor2d(heldOut, [heldOut.length / 2, 2]))).dataSync()[0]!);
    expect(Math.abs(truth + 2.328)).toBeLessThan(0.25);
  });

  it("gains 0.2 nats in 300 updates: toy.slow.test.ts has 1,200", async () => {
    const { history } = await learnThePlane("onnx", 1);
    expect(history[0]).toBeGreaterThan(-3.2);
  });

  it("starts alike on both engines", async () => {
    // The plain engine needs many minutes for 1,200 updates, so here it is compared over its first.
    const runs: { energy: number[]; samples: number[] }[] = [];
    for (const engine of ["onnx", "cpu"] as const) {
      await useEngine(engine);
      const { model, init, advance } = toyModel();
      const state = await advance(await init(1), 1, 0, 3);
      const samples = valuesOf(await model.sampleLatents(state, random.key("samples"), 16));
      runs.push({ energy: tree.leaves(state.params).flatMap(valuesOf), samples });
    }
    const [compiled, eager] = runs as [(typeof runs)[0], (typeof runs)[0]];
    // Adam moves a weight whose gradient is rounding noise by up to its rate, 3e-4 per update, in
    // either direction.
    expect(largestDifference(compiled.energy, eager.energy)).toBeLessThan(1e-4);
    expect(largestDifference(compiled.samples, eager.samples)).toBeLessThan(1e-4);
  });
});
