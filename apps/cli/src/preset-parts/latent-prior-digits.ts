/**
 * Latent-space models of MNIST digits: the common data, evaluation and options of their presets.
 */
import { mnist } from "@ergodic/data/node";
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
export const digitOptions = {
  /** Number of training digits, from the first. */
  examples: count.max(60_000).default(60_000),
  /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
  dataFrom: z.string().default("package"),
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

export type DigitOptions = z.output<z.ZodObject<typeof digitOptions>>;

/** The training digits. */
export function digits({ examples, dataFrom }: Pick<DigitOptions, "examples" | "dataFrom">) {
  return mnist({ split: "train", limit: examples, from: dataFrom });
}

/** Test digits, and the first 20,000 training digits that determine the principal components. */
export function digitEvaluation({ dataFrom }: Pick<DigitOptions, "dataFrom">) {
  return {
    test: mnist({ split: "test", from: dataFrom }),
    reference: mnist({ split: "train", limit: 20_000, from: dataFrom }),
    components: 32,
  };
}

/** The learner for a generator. `tilted: false` fixes the prior at N(0, I). */
export function digitModel(options: DigitOptions, generator: VectorGenerator, { tilted }: { tilted: boolean }) {
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
