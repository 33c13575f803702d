/** log p(x) and log Z by importance sampling, against closed forms and quadrature. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { importanceLikelihood } from "@ergodic/evaluation/likelihood";
import { gaussian } from "@ergodic/generators";
import { sgd } from "@ergodic/nn";
import { random } from "@ergodic/tensor";
import type { MarginalLikelihood } from "@ergodic/training";
import { latentPrior, type LatentGenerator } from "../src/index.js";
import { linearGenerator, quadraticTilt, sixSigma } from "./support.js";

beforeAll(() => useEngine("onnx"));

const rate = sgd({ learningRate: 0 });
const common = { optimizers: { generator: rate, energy: rate }, observe: (x: tf.Tensor) => x };

/** log p of each observation by `samples` draws, with its standard error, and log Z. */
async function estimated<S>(likelihood: MarginalLikelihood<S, tf.Tensor>, state: S, x: tf.Tensor, samples: number) {
  const partition = await likelihood.partition(state, random.key("partition"));
  const logWeights = await likelihood.logWeights(state, x, random.key("weights"), samples);
  const { logLikelihoods, effectiveSamples } = importanceLikelihood(logWeights, samples);
  return {
    partition,
    effectiveSamples,
    examples: [...logLikelihoods].map((value, i) => ({
      logLikelihood: value - partition.logPartition,
      error: Math.hypot(partition.standardError, Math.sqrt(Math.max(0, 1 / effectiveSamples[i]! - 1 / samples))),
    })),
  };
}

describe("a linear generator and a quadratic tilt", () => {
  const model = latentPrior({
    ...common,
    generator: linearGenerator(2, 3),
    energy: quadraticTilt(2),
    observation: gaussian({ sigma: 0.5 }),
  });
  const makeState = () => ({
    params: {
      generator: { weight: tf.tensor2d([1, 0.5, 0, 1, -1, 0.25], [3, 2]), bias: tf.tensor1d([0.1, -0.2, 0]) },
      energy: { A: tf.tensor2d([0.5, 0.2, 0.2, 0.3], [2, 2]), c: tf.tensor1d([0.4, -0.6]) },
    },
    optimizer: undefined as never,
  });

  it("have log Z and log p(x) within the errors told, with many effective samples", async () => {
    const [logPartition, logEvidence] = [-0.1026092127, -3.236212959];
    // The last observation is the first with other numbers in its chains and draws.
    const x = tf.tensor2d([0.7, -0.3, 0.2, 2, 2, 2, 0.7, -0.3, 0.2], [3, 3]);
    const samples = 200;
    const state = makeState();
    const tensors = tf.memory().numTensors;
    const { partition, effectiveSamples, examples } = await estimated(model.likelihood, state, x, samples);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(partition.standardError).toBeLessThan(0.01);
    expect(partition.effectiveSamples! / partition.samples!).toBeGreaterThan(0.5);
    expect(Math.abs(partition.logPartition - logPartition)).toBeLessThan(sixSigma * partition.standardError);
    for (const i of [0, 2]) {
      expect(effectiveSamples[i]! / samples).toBeGreaterThan(0.9);
      expect(Math.abs(examples[i]!.logLikelihood - logEvidence)).toBeLessThan(sixSigma * examples[i]!.error);
    }
    expect(examples[1]!.logLikelihood).toBeLessThan(logEvidence - 5);
  });

  it("have no log Z to estimate without the tilt", async () => {
    const untilted = latentPrior({
      ...common,
      generator: linearGenerator(1, 1),
      energy: undefined,
      observation: gaussian({ sigma: 0.5 }),
    });
    const params = { generator: { weight: tf.tensor2d([[2]]), bias: tf.tensor1d([0.5]) } };
    const state = { params, optimizer: undefined as never };
    const { partition, examples } = await estimated(untilted.likelihood, state, tf.tensor2d([[1.2]]), 100);
    expect(partition).toEqual({ logPartition: 0, standardError: 0 });
    // x ~ N(0.5, 2² + 0.5²).
    const exact = -0.5 * Math.log(2 * Math.PI * 4.25) - 0.7 ** 2 / (2 * 4.25);
    expect(Math.abs(examples[0]!.logLikelihood - exact)).toBeLessThan(sixSigma * examples[0]!.error + 1e-5);
  });
});

describe("a model that is not Gaussian", () => {
  // E(z) = -a sin(bz) + z⁴/20 and g(z) = w tanh z + c, by quadrature as in quadrature.test.ts.
  const energy: EnergyModel<{ a: tf.Tensor }> = {
    init: () => ({ a: tf.scalar(1.5) }),
    energy({ a }, z) {
      const u = tf.squeeze(z, [1]);
      return tf.sub(tf.mul(0.05, tf.square(tf.square(u))), tf.mul(a, tf.sin(tf.mul(2, u)))) as tf.Tensor1D;
    },
  };
  const generator: LatentGenerator<{ w: tf.Tensor }> = {
    latentDimension: 1,
    init: () => ({ w: tf.scalar(1.2) }),
    apply: ({ w }, z) => tf.add(tf.mul(w, tf.tanh(z)), 0.1),
  };

  it("has log Z and log p(x) within the errors told", async () => {
    const model = latentPrior({ ...common, generator, energy, observation: gaussian({ sigma: 0.3 }) });
    const x = tf.tensor2d([[0.8]]);
    const state = await model.init(random.key(0), x);
    const { partition, examples } = await estimated(model.likelihood, state, x, 400);
    expect(partition.standardError).toBeLessThan(0.02);
    expect(Math.abs(partition.logPartition - 0.404982743)).toBeLessThan(sixSigma * partition.standardError);
    expect(examples[0]!.error).toBeLessThan(0.05);
    expect(Math.abs(examples[0]!.logLikelihood + 0.1883007595)).toBeLessThan(sixSigma * examples[0]!.error);
  });
});
