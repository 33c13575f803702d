/** The quickstart and its baseline: one definition, with or without the tilt. */
import { mlpDecoder } from "@ergodic/generators";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { digitEvaluation, digitOptions, digits } from "./latent-prior-digits.js";
import { latentPriorModel } from "./latent-prior.js";

const options = z.object({
  ...digitOptions,
  energyLearningRate: digitOptions.energyLearningRate.default(2e-4),
  /** Hidden layers of the generator. */
  generatorWidths: z.array(z.number().int().min(1)).min(1).default([128, 256]),
});

/**
 * 28 x 28 digits, generator 16-128-256-784, energy 16-64-64-1.
 *
 * Training makes six passes over the 60,000 digits.
 */
export function quickstart({ name, description, tilted }: { name: string; description: string; tilted: boolean }) {
  return defineExperiment({
    name,
    description,
    options,
    data: digits,
    model: (chosen) => {
      const { latentDimension, generatorWidths } = chosen;
      return latentPriorModel(
        chosen,
        mlpDecoder({ latentDimension, widths: generatorWidths, outputShape: [28, 28, 1] }),
        {
          tilted,
        },
      );
    },
    evaluation: digitEvaluation,
    training: { iterations: 3600, batchSize: 100, checkpointEvery: 600, sampleEvery: 600 },
  });
}
