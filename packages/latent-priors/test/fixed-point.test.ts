/**
 * Learning matches statistics under the short-run law, not under the prior.
 *
 * With E(z) = -cz and positives of mean t, the learned tilt is
 *   c = t/(1 - F^K),  F = 1 - s²/2,  and not c = t, the maximum likelihood.
 * The reason is that K steps from N(0, 1) reach the mean (1 - F^K) c only. Sampling must therefore
 * reuse the chain of training.
 *
 * The test runs the whole learning step. g(z) = z with a small σ and one posterior step of size
 * √(2/P), P = 1 + 1/σ², for which F = 0, make the positives exact: their mean is (c σ² + t)/(1 +
 * σ²). This changes c in its 4th digit, which the expected value includes.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { gaussian } from "@ergodic/generators";
import { compile, useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { sgd } from "@ergodic/nn";
import { random, tree } from "@ergodic/tensor";
import { jointOptimizer, learningStep, resolveOptions, type LatentChainOptions } from "../src/index.js";
import { enginesOnThisMachine, identityGenerator, sixSigma } from "./support.js";

type Slope = { readonly c: tf.Tensor };

const linearTilt: EnergyModel<Slope> = {
  init: () => ({ c: tf.scalar(0) }),
  energy: ({ c }, z) => tf.neg(tf.mul(c, tf.squeeze(z, [1]))) as tf.Tensor1D,
};

const sigma = 0.01;
const target = 40;
const batch = 512;
const warmUp = 7;
const iterations = 16;

describe.each(enginesOnThisMachine)("the fixed point of learning on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each([
    { steps: 60, stepSize: 0.4, covered: 0.993282 },
    { steps: 40, stepSize: 0.4, covered: 0.964395 },
    { steps: 20, stepSize: 0.4, covered: 0.811307 },
    { steps: 60, stepSize: 0.2, covered: 0.702447 },
  ])(
    "is t/$covered for $steps steps of $stepSize",
    async ({ covered, ...prior }: LatentChainOptions & { covered: number }) => {
      const options = resolveOptions({
        generator: { ...identityGenerator, latentDimension: 1 },
        energy: linearTilt,
        optimizers: { generator: sgd({ learningRate: 1 }), energy: sgd({ learningRate: 1 }) },
        observation: gaussian({ sigma }),
        prior,
        posterior: { steps: 1, stepSize: Math.sqrt(2 / (1 + 1 / (sigma * sigma))) },
        observe: (x: tf.Tensor) => x,
      });
      const step = compile(learningStep(options));
      const x = tf.fill([batch, 1], target);
      // At rate 1 an iteration is c ← c + mean z⁺ - mean z⁻, which closes the share 1 - F^K of the
      // distance.
      let state: Parameters<typeof step>[0] = {
        params: { generator: [], energy: { c: tf.scalar(target) } },
        optimizer: jointOptimizer(options).init({ generator: [], energy: { c: tf.scalar(0) } }),
      };
      let sum = 0;
      for (let i = 0; i < warmUp + iterations; i++) {
        const next = await step(state, x, random.fold(random.key("fixed point"), i));
        tree.dispose([state, next.metrics]);
        state = next.state;
        if (i >= warmUp) sum += state.params.energy!.c.dataSync()[0]!;
      }
      const expected = target / (covered * (1 + sigma ** 2) - sigma ** 2);
      // The mean of c over N iterations has the error of N · batch negatives (sd below 1.1),
      // divided by 1 - F^K.
      const bound = (sixSigma * 1.1) / Math.sqrt(iterations * batch) / covered;
      expect(Math.abs(sum / iterations - expected)).toBeLessThan(bound);
      expect(expected - target).toBeGreaterThan(bound);
    },
  );
});
