/** Latent-space models of images, whatever their data: the options and the learner of presets. */
import { mlpEnergy } from "@ergodic/energies";
import { gaussian, type VectorGenerator } from "@ergodic/generators";
import { latentPrior } from "@ergodic/latent-priors";
import { adam } from "@ergodic/nn";
import type * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

const count = z.number().int().min(1);
const chain = (steps: number, stepSize: number) =>
  z.object({ steps: count.default(steps), stepSize: z.number().positive().default(stepSize) }).prefault({});

/** Options of every preset of the family. */
export const latentPriorOptions = {
  latentDimension: count.default(16),
  /** Hidden layers of the prior's energy. */
  energyWidths: z.array(count).min(1).default([64, 64]),
  /** Standard deviation of the observation noise, pixels in [-1, 1]. */
  sigma: z.number().positive().default(0.3),
  prior: chain(60, 0.4),
  posterior: chain(20, 0.1),
  generatorLearningRate: z.number().positive().default(1e-3),
  energyLearningRate: z.number().positive().default(5e-4),
};

export type LatentPriorOptions = z.output<z.ZodObject<typeof latentPriorOptions>>;

/** The learner for a generator. `tilted: false` fixes the prior at N(0, I). */
export function latentPriorModel(
  options: LatentPriorOptions,
  generator: VectorGenerator,
  { tilted }: { tilted: boolean },
) {
  const { latentDimension, energyWidths, sigma, prior, posterior, generatorLearningRate, energyLearningRate } = options;
  return latentPrior({
    generator,
    energy: tilted ? mlpEnergy({ in: latentDimension, widths: energyWidths }) : undefined,
    observation: gaussian({ sigma }),
    prior,
    posterior,
    optimizers: {
      generator: adam({ learningRate: generatorLearningRate, beta1: 0.5 }),
      energy: adam({ learningRate: energyLearningRate, beta1: 0.5 }),
    },
    observe: (batch: { readonly images: tf.Tensor }) => batch.images,
  });
}
