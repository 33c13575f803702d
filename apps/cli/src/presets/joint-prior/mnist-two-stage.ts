/** `ergodic train joint-prior/mnist-two-stage` */
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { jointPriorOptions, twoStageModel } from "../../preset-parts/joint-prior-digits.js";
import { digitEvaluation, digits } from "../../preset-parts/latent-prior-digits.js";

const { tilted: _, posterior: __, ...options } = jointPriorOptions;

export default defineExperiment({
  name: "joint-prior/mnist-two-stage",
  description: "MNIST digits from a two-layer VAE, then an energy-based prior on its frozen latents (arXiv 2306.06323)",
  options: z.object({
    ...options,
    energyLearningRate: options.energyLearningRate.default(3e-4),
    /**
     * False leaves the Jacobian of noise to latents out of the chains, as the paper's code does.
     */
    jacobian: z.boolean().default(true),
  }),
  data: digits,
  model: twoStageModel,
  evaluation: digitEvaluation,
  training: {
    phases: { backbone: 3600, prior: 1800 },
    batchSize: 100,
    checkpointEvery: 600,
    sampleEvery: 600,
  },
});
