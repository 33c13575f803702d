/**
 * A whole learning iteration of a latent-space EBM prior.
 *
 * It runs both chains, both gradients and both Adam updates, and reads the metrics. `latent-priors`
 * compiles all of it as one program.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { mlpEnergy, type EnergyModel } from "@ergodic/energies";
import { gaussian, mlpDecoder, type VectorGenerator } from "@ergodic/generators";
import { latentPrior, posteriorEnergy, priorEnergy, type LatentPriorParams } from "@ergodic/latent-priors";
import { adam, convTranspose2d, dense, leakyRelu, reshape, sequential, tanh } from "@ergodic/nn";
import { langevin, runSteps } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { milliseconds, type Case, type Prepared } from "../case.js";
import { iterated } from "../iterated.js";
import { fixedInput } from "../numbers.js";

type Params = readonly TensorTree[];

const BATCH = 100;
const SIGMA = 0.3;
const PRIOR = { steps: 60, stepSize: 0.4 };
const POSTERIOR = { steps: 20, stepSize: 0.1 };

interface Model {
  readonly generator: Pick<VectorGenerator<Params>, "latentDimension" | "init" | "apply">;
  readonly energy: EnergyModel<Params>;
}

/** The posterior chain without noise, from a given start. */
function posteriorDescent({ generator, energy }: Model, params: LatentPriorParams<Params, Params>, images: tf.Tensor) {
  const descend = compile((p: typeof params, x: tf.Tensor, start: tf.Tensor, key: Key) => {
    const prior = priorEnergy((z) => energy.energy(p.energy!, z));
    const noise = gaussian({ sigma: SIGMA });
    const target = posteriorEnergy(prior, (z) => noise.logDensity(generator.apply(p.generator, z), x));
    const kernel = langevin({ energy: target, stepSize: POSTERIOR.stepSize, withNoise: false });
    return [runSteps(kernel, start, { steps: POSTERIOR.steps, key }).position];
  });
  return descend(params, images, fixedInput(1, [BATCH, generator.latentDimension], 1), random.key(0));
}

async function prepareIterations({ generator, energy }: Model): Promise<Prepared> {
  const images = fixedInput(0, [BATCH, 28, 28, 1], 1);
  const learner = latentPrior({
    generator,
    energy,
    optimizers: { generator: adam({ learningRate: 3e-4 }), energy: adam({ learningRate: 1e-4 }) },
    observation: gaussian({ sigma: SIGMA }),
    prior: PRIOR,
    posterior: POSTERIOR,
    observe: (batch: tf.Tensor) => batch,
  });
  const updates = await iterated(learner, images, {
    key: random.key("learning iteration"),
    metric: "reconstruction",
  });
  return { call: updates.call, check: () => posteriorDescent({ generator, energy }, updates.params(), images) };
}

/** The model of the preset "quickstart" of the command line. */
export const learningIteration: Case = {
  name: "learning-iteration",
  title: "learning iteration of the quickstart model, batch 100 of 28x28",
  unit: milliseconds,
  engines: ["onnx", "tensorflow", "cpu"],
  calls: 3,
  prepare: () =>
    prepareIterations({
      generator: mlpDecoder({ latentDimension: 16, widths: [128, 256], outputShape: [28, 28, 1] }),
      energy: mlpEnergy({ in: 16, widths: [64, 64], activation: "leakyRelu" }),
    }),
};

/**
 * Generator from latents to images: dense to 7x7x64, then transposed convolutions to 14x14x32 and
 * 28x28x1.
 *
 * Leaky units are between the layers, and tanh is last.
 */
const convolutionalGenerator = (): Model["generator"] => ({
  latentDimension: 100,
  ...sequential<Params>(
    dense({ in: 100, out: 7 * 7 * 64 }),
    reshape([7, 7, 64]),
    leakyRelu(),
    convTranspose2d({ in: 64, out: 32, kernel: 4, stride: 2, padding: 1 }),
    leakyRelu(),
    convTranspose2d({ in: 32, out: 1, kernel: 4, stride: 2, padding: 1 }),
    tanh(),
  ),
});

export const convLearningIteration: Case = {
  name: "conv-learning-iteration",
  title: "the same with energy MLP 100-200-200-1, generator dense 100-3136, transposed 4x4/2 64-32-1",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  prepare: () =>
    prepareIterations({
      generator: convolutionalGenerator(),
      energy: mlpEnergy({ in: 100, widths: [200, 200], activation: "leakyRelu" }),
    }),
};
