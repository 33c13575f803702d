/** The posterior chain without noise, and in calls of a few steps. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { gaussian, mlpDecoder } from "@ergodic/generators";
import { adam } from "@ergodic/nn";
import { random, tree } from "@ergodic/tensor";
import { latentPrior, type PosteriorChainOptions } from "../src/index.js";
import { enginesOnThisMachine, identityGenerator, moments, relativeError, sixSigma, valuesOf } from "./support.js";

const optimizer = adam({ learningRate: 1e-2 });
const optimizers = { generator: optimizer, energy: optimizer };
const observe = (x: tf.Tensor): tf.Tensor => x;

describe.each(enginesOnThisMachine)("the posterior chain on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("shrinks its starts by F^K without noise, towards the mean", async () => {
    // p(z | x) of g(z) = z has precision P = 1 + 1/σ² = 5 and the mean m = 0.8 x, so with s = 0.2 a
    // step keeps F = 1 - s²P/2 = 0.9 of the distance to m.
    const [n, steps] = [20_000, 4];
    const model = latentPrior({
      generator: identityGenerator,
      energy: undefined,
      optimizers,
      observe,
      observation: gaussian({ sigma: 0.5 }),
      posterior: { steps, stepSize: 0.2, noise: false },
    });
    const x = tf.tile(tf.tensor2d([[1, -2]]), [n, 1]);
    const state = await model.init(random.key(0), x);
    const { mean, covariance } = moments(await model.infer(state, x, random.key(1)));
    const kept = 0.9 ** steps;
    [0.8, -1.6].forEach((at, i) => {
      expect(Math.abs(mean[i]! - at * (1 - kept))).toBeLessThan((sixSigma * kept) / Math.sqrt(n));
      expect(Math.abs(covariance[2 * i]! / kept ** 2 - 1)).toBeLessThan(sixSigma * Math.sqrt(2 / n));
    });
  });

  it("is the same in any number of calls, in learning and inference", async () => {
    const results = async (calls: Pick<PosteriorChainOptions, "stepsPerCall">) => {
      const model = latentPrior({
        generator: mlpDecoder({ latentDimension: 3, widths: [8], outputShape: [2, 2, 1] }),
        energy: mlpEnergy({ in: 3, widths: [6] }),
        optimizers,
        observe,
        prior: { steps: 3, stepSize: 0.4 },
        posterior: { steps: 5, stepSize: 0.1, ...calls },
      });
      const images = random.uniform(random.key("x"), [4, 2, 2, 1], { low: -1, high: 1 });
      const state = await model.init(random.key(1), images);
      const count = tf.memory().numTensors;
      const { state: next } = await model.update(state, images, { key: random.key(2), iteration: 0 });
      const inferred = await model.infer(state, images, random.key(3));
      expect(tf.memory().numTensors).toBe(count + tree.leaves(next).length + 1);
      await model.dispose!();
      return [next, inferred].flatMap((part) => tree.leaves(part).flatMap(valuesOf));
    };
    const whole = await results({});
    for (const stepsPerCall of [1, 2, 9])
      expect(relativeError(await results({ stepsPerCall }), whole)).toBeLessThan(1e-6);
  });

  it("is refused in calls of no step", () => {
    const posterior = { steps: 5, stepSize: 0.1, stepsPerCall: 0 };
    expect(() =>
      latentPrior({ generator: identityGenerator, energy: undefined, optimizers, observe, posterior }),
    ).toThrow(/posterior.stepsPerCall is 0/);
  });
});
