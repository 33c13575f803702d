/** `ergodic train joint-prior/mnist` */
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { jointPriorModel, jointPriorOptions } from "../../preset-parts/joint-prior-digits.js";
import { digitEvaluation, digits } from "../../preset-parts/latent-prior-digits.js";

export default defineExperiment({
  name: "joint-prior/mnist",
  description: "MNIST digits from two layers of latents with a joint energy-based prior (arXiv 2306.06323)",
  options: z.object({ ...jointPriorOptions, energyLearningRate: jointPriorOptions.energyLearningRate.default(1e-4) }),
  data: digits,
  model: jointPriorModel,
  evaluation: digitEvaluation,
  training: { iterations: 3600, batchSize: 100, checkpointEvery: 600, sampleEvery: 600 },
});
