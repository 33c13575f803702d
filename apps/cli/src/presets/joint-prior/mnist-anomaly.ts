/**
 * `ergodic train joint-prior/mnist-anomaly --set options.digit=4`: detection of a digit that is
 * absent from training, by the model of `joint-prior/mnist`.
 *
 * The score is -log p(x, z1, z2) up to a constant at the end of a posterior chain. The twin without
 * energies learns beside the model from the same batches and random numbers.
 *
 * Cui, Wu, Han, arXiv 2306.06323. The deeper network of its published areas is not published.
 */
import { defineExperiment, withBaseline } from "@ergodic/training";
import { z } from "zod";
import { jointModelOptions, jointPriorModel } from "../../preset-parts/joint-prior-digits.js";
import { anomalyEvaluation, anomalyOptions, anomalyTraining, normalDigits } from "../../preset-parts/mnist-anomaly.js";

const { tilted: _, ...model } = jointModelOptions;

export default defineExperiment({
  name: "joint-prior/mnist-anomaly",
  description: "a digit absent from training, found by a joint energy-based prior of two layers (arXiv 2306.06323)",
  options: z.object({
    ...anomalyOptions,
    ...model,
    energyLearningRate: model.energyLearningRate.default(1e-4),
  }),
  data: normalDigits,
  model: (chosen) =>
    withBaseline(jointPriorModel({ ...chosen, tilted: true }), jointPriorModel({ ...chosen, tilted: false })),
  evaluation: anomalyEvaluation,
  training: anomalyTraining,
});
