/**
 * `ergodic train latent-prior/mnist-anomaly --set options.digit=4`: detection of a digit that is
 * absent from training.
 *
 * - The score is |x - g(z)|²/(2σ²) + E(z) + |z|²/2 at the end of a posterior chain.
 * - The Gaussian twin, E = 0, learns beside the model from the same batches and random numbers.
 *
 * Pang et al., arXiv 2006.08205. Networks and rates are those of a reduced run; those of the paper
 * are not published.
 */
import { mlpDecoder, normalInference } from "@ergodic/generators";
import { flatten, mlp, sequential } from "@ergodic/nn";
import { defineExperiment, withBaseline } from "@ergodic/training";
import { z } from "zod";
import { latentPriorModel, latentPriorOptions } from "../../preset-parts/latent-prior.js";
import { anomalyEvaluation, anomalyOptions, anomalyTraining, normalDigits } from "../../preset-parts/mnist-anomaly.js";

const options = z.object({
  ...anomalyOptions,
  ...latentPriorOptions,
  /** Where posterior chains start: N(0, I), or an encoder that learns from their ends. */
  start: z.enum(["noise", "encoder"]).default("noise"),
  latentDimension: latentPriorOptions.latentDimension.default(8),
  energyLearningRate: latentPriorOptions.energyLearningRate.default(1e-4),
});

function model(chosen: z.output<typeof options>, tilted: boolean) {
  const { latentDimension, start } = chosen;
  const network = sequential(flatten(), mlp({ in: 784, widths: [256, 128], out: 2 * latentDimension }));
  return latentPriorModel(chosen, mlpDecoder({ latentDimension, widths: [128, 256], outputShape: [28, 28, 1] }), {
    tilted,
    inference: start === "encoder" ? normalInference({ dimension: latentDimension, network }) : undefined,
  });
}

export default defineExperiment({
  name: "latent-prior/mnist-anomaly",
  description: "a digit absent from training, found by a latent-space energy-based prior (arXiv 2006.08205)",
  options,
  data: normalDigits,
  model: (chosen) => withBaseline(model(chosen, true), model(chosen, false)),
  evaluation: anomalyEvaluation,
  training: anomalyTraining,
});
