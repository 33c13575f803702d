/**
 * A whole learning iteration of a latent-space EBM prior.
 *
 * It runs both chains, all gradients and Adam updates, and reads the metrics. `latent-priors`
 * compiles all of it as one program.
 */
import { mlpEnergy, partwiseEnergy } from "@ergodic/energies";
import { bottomGenerator, gaussianHierarchy, mlpDecoder, mnist28Decoder, standardNormal } from "@ergodic/generators";
import { convTranspose2d, dense, leakyRelu, mlp, reshape, sequential, tanh, type Layer } from "@ergodic/nn";
import type { TensorTree } from "@ergodic/tensor";
import { milliseconds, type Case } from "../case.js";
import { latentIterations } from "../latent-iterations.js";

/** The model of the preset "quickstart" of the command line. */
export const learningIteration: Case = {
  name: "learning-iteration",
  title: "learning iteration of the quickstart model, batch 100 of 28x28",
  unit: milliseconds,
  engines: ["onnx", "tensorflow", "cpu"],
  calls: 3,
  prepare: () =>
    latentIterations({
      generator: mlpDecoder({ latentDimension: 16, widths: [128, 256], outputShape: [28, 28, 1] }),
      latents: standardNormal([16]),
      energy: mlpEnergy({ in: 16, widths: [64, 64], activation: "leakyRelu" }),
    }),
};

/**
 * Generator from latents to images: dense to 7x7x64, then transposed convolutions to 14x14x32 and
 * 28x28x1.
 *
 * Leaky units are between the layers, and tanh is last.
 */
const convolutionalGenerator = (): Layer<readonly TensorTree[]> =>
  sequential(
    dense({ in: 100, out: 7 * 7 * 64 }),
    reshape([7, 7, 64]),
    leakyRelu(),
    convTranspose2d({ in: 64, out: 32, kernel: 4, stride: 2, padding: 1 }),
    leakyRelu(),
    convTranspose2d({ in: 32, out: 1, kernel: 4, stride: 2, padding: 1 }),
    tanh(),
  );

/** Updates of the convolutional model on `batch` images. */
export const convUpdates = (batch: number) =>
  latentIterations({
    batch,
    generator: convolutionalGenerator(),
    latents: standardNormal([100]),
    energy: mlpEnergy({ in: 100, widths: [200, 200], activation: "leakyRelu" }),
  });

export const convLearningIteration: Case = {
  name: "conv-learning-iteration",
  title: "the same with energy MLP 100-200-200-1, generator dense 100-3136, transposed 4x4/2 64-32-1",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  prepare: () => convUpdates(100),
};

/**
 * The model of the preset "latent-prior/mnist", on a tenth of its batch: an iteration takes
 * seconds.
 */
export const mnistIteration: Case = {
  name: "mnist-iteration",
  title: "learning iteration of latent-prior/mnist, 10.9 million parameters, batch 10 of 28x28",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  prepare: () =>
    latentIterations({
      batch: 10,
      generator: mnist28Decoder({ latentDimension: 16 }),
      latents: standardNormal([16]),
      energy: mlpEnergy({ in: 16, widths: [200, 200], activation: "leakyRelu" }),
    }),
};

/** The model of the preset "joint-prior/mnist". */
export const jointIteration: Case = {
  name: "joint-iteration",
  title: "learning iteration of joint-prior/mnist, latents of 16 and 8, batch 100 of 28x28",
  unit: milliseconds,
  engines: ["onnx", "tensorflow", "cpu"],
  calls: 3,
  prepare: () =>
    latentIterations({
      generator: bottomGenerator(mlpDecoder({ latentDimension: 16, widths: [128, 256], outputShape: [28, 28, 1] })),
      latents: gaussianHierarchy({
        dimensions: [16, 8],
        conditionals: [mlp({ in: 8, widths: [64, 64], out: 32 })],
      }),
      energy: partwiseEnergy({ z1: mlpEnergy({ in: 16, widths: [64, 64] }), z2: mlpEnergy({ in: 8, widths: [64] }) }),
    }),
};
