/**
 * Independence Metropolis: exact for an exact proposal, right for others, and able to cross
 * barriers. Moments are within 5 standard errors.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { bimodal } from "@ergodic/energies";
import { random, type Key } from "@ergodic/tensor";
import { independence, runChain, type Energy } from "@ergodic/samplers";
import { enginesOnThisMachine, expectGaussian, valuesOf } from "./support.js";

const wide = (sd: number) => ({
  sample: (key: Key, n: number): tf.Tensor => random.normal(key, [n, 1], { sd }),
  energy: (x: tf.Tensor): tf.Tensor => tf.sum(tf.div(tf.square(x), 2 * sd * sd), [1]),
});
const halfSquare: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(x), [1]));

describe.each(enginesOnThisMachine)("independence on %s", (engine) => {
  const chains = 4000;
  beforeAll(async () => {
    await useEngine(engine);
  });
  const run = (energy: Energy, sd: number, { steps = 60, temperature = 1 } = {}) =>
    runChain(independence({ energy, proposal: wide(sd), temperature }), {
      initial: tf.zeros([chains, 1]),
      steps,
      key: random.key("independent"),
    });

  it("accepts everything when the proposal is the target", async () => {
    const { position, info } = await run(halfSquare, 1, { steps: 1 });
    valuesOf(info.acceptProb).forEach((value) => expect(value).toBeCloseTo(1, 5));
    expectGaussian(position, { mean: [0], covariance: [[1]] });
  });

  it.each([1, 2])("corrects a proposal that is too wide, at temperature %f", async (temperature) => {
    const { position, info } = await run(halfSquare, 2.5, { temperature });
    expectGaussian(position, { mean: [0], covariance: [[temperature]] });
    expect(valuesOf(tf.mean(info.acceptProb))[0]).toBeLessThan(0.8);
  });

  it("fills both modes from one, across a barrier of 12", async () => {
    const target = bimodal({ position: 5 });
    const { position } = await run(target.energy, 6);
    const second = valuesOf(tf.mean(tf.square(position)))[0]!;
    const exact = target.moments.covariance[0]![0]!;
    expect(exact).toBeGreaterThan(10);
    expect(Math.abs(second / exact - 1)).toBeLessThan(0.05);
    const share = valuesOf(tf.mean(tf.cast(tf.greater(position, 0), "float32")))[0]!;
    expect(Math.abs(share - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / chains));
  });
});

it("names what is wrong", () => {
  const make = (change: object) => () => independence({ energy: halfSquare, proposal: wide(1), ...change });
  expect(make({ temperature: 0 })).toThrow(/temperature is 0/);
  expect(make({ proposal: { sample: 1, energy: halfSquare } })).toThrow(/proposal.sample is 1, expected a function/);
});
