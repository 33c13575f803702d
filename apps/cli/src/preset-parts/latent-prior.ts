/** Latent-space models of images, whatever their data: the options and the learner of presets. */
import { mlpEnergy } from "@ergodic/energies";
import { gaussian, type InferenceModel, type VectorGenerator } from "@ergodic/generators";
import { latentPrior } from "@ergodic/latent-priors";
import { adam, type Optimizer } from "@ergodic/nn";
import type { TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

const count = z.number().int().min(1);

/** The steps of a chain, and the size of each. */
export const chain = (steps: number, stepSize: number) =>
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

export interface ModelParts {
  /** False fixes the prior at N(0, I). */
  readonly tilted: boolean;
  /** q(z | x), from which posterior chains start. Default: they start from N(0, I). */
  readonly inference?: InferenceModel<TensorTree> | undefined;
  /** Default "leakyRelu". */
  readonly energyActivation?: "gelu" | "leakyRelu";
  /** The optimiser of a part that learns at a rate. Default: Adam with β1 = 0.5. */
  readonly optimizer?: (learningRate: number) => Optimizer;
}

/** The learner for a generator. The inference model learns at the rate of the generator. */
export function latentPriorModel(
  options: LatentPriorOptions,
  generator: VectorGenerator,
  { tilted, inference, energyActivation, optimizer = (learningRate) => adam({ learningRate, beta1: 0.5 }) }: ModelParts,
) {
  const { latentDimension, energyWidths, sigma, prior, posterior, generatorLearningRate, energyLearningRate } = options;
  const activation = energyActivation && { activation: energyActivation };
  return latentPrior({
    generator,
    inference,
    energy: tilted ? mlpEnergy({ in: latentDimension, widths: energyWidths, ...activation }) : undefined,
    observation: gaussian({ sigma }),
    prior,
    posterior,
    optimizers: {
      generator: optimizer(generatorLearningRate),
      inference: optimizer(generatorLearningRate),
      energy: optimizer(energyLearningRate),
    },
    observe: (batch: { readonly images: tf.Tensor }) => batch.images,
  });
}
