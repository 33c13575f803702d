/** `ergodic train latent-prior/mnist`: the full-size model on all digits. */
import { mnist28Decoder } from "@ergodic/generators";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { digitEvaluation, digitOptions, digits } from "../../preset-parts/latent-prior-digits.js";
import { latentPriorModel } from "../../preset-parts/latent-prior.js";

export default defineExperiment({
  name: "latent-prior/mnist",
  description: "MNIST digits from a convolutional generator with a latent-space energy-based prior (arXiv 2006.08205)",
  options: z.object({
    ...digitOptions,
    energyWidths: digitOptions.energyWidths.default([200, 200]),
    generatorLearningRate: digitOptions.generatorLearningRate.default(1e-4),
    energyLearningRate: digitOptions.energyLearningRate.default(2e-5),
    /** Base width of the generator: its hidden layers have 8, 4 and 2 times as many channels. */
    generatorFeatures: z.number().int().min(1).default(128),
  }),
  data: digits,
  model: (options) => {
    const { latentDimension, generatorFeatures } = options;
    return latentPriorModel(options, mnist28Decoder({ latentDimension, features: generatorFeatures }), {
      tilted: true,
    });
  },
  evaluation: digitEvaluation,
  training: { iterations: 60_000, batchSize: 100, checkpointEvery: 1_000, sampleEvery: 1_000 },
});
