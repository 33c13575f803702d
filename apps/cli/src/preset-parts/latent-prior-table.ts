/**
 * The tables of arXiv 2006.08205 for published images: its networks, chains and rates.
 *
 * SVHN and CelebA-128 are those of the paper's code, CIFAR-10 and CelebA-64 those of
 * re-implementations of it (arXiv 2310.03218 and its code).
 */
import type { DecoderPresetOptions, VectorGenerator } from "@ergodic/generators";
import { adam, clipped, stepDecay, type Optimizer } from "@ergodic/nn";
import type { Schedule } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { chain, latentPriorModel, latentPriorOptions } from "./latent-prior.js";
import { publishedImageOptions, publishedImages, publishedSets, type PublishedSetName } from "./published-images.js";

export interface LatentPriorTable {
  readonly set: PublishedSetName;
  readonly decoder: (options: DecoderPresetOptions) => VectorGenerator;
  readonly latentDimension: number;
  /** Base width of the generator. */
  readonly features: number;
  /** Width of both hidden layers of the energy. */
  readonly energyWidth: number;
  readonly energyActivation: "gelu" | "leakyRelu";
  readonly priorSteps: number;
  readonly posteriorSteps: number;
  readonly generatorLearningRate: number;
  readonly energyLearningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
  /** The optimiser of a part, with its rate and the updates of an epoch. */
  readonly optimizer: (rate: number, perEpoch: number) => Optimizer;
}

/**
 * The code of the paper: rates fall by a factor of 0.998 after each epoch but the first, because
 * its scheduler steps after the updates of an epoch.
 */
export const ofThePaper = (rate: number, perEpoch: number): Optimizer => {
  const decay = stepDecay({ initial: rate, factor: 0.998, every: perEpoch });
  const late: Schedule = (step) => decay(tf.maximum(tf.sub(step, perEpoch), 0) as tf.Scalar);
  return adam({ learningRate: late, beta1: 0.5 });
};

/** Its re-implementations: a factor of 0.99 after 1,000 updates, and clipped gradients. */
const ofReimplementations = (rate: number): Optimizer =>
  clipped(adam({ learningRate: stepDecay({ initial: rate, factor: 0.99, every: 1_000, floor: 1e-5 }), beta1: 0.5 }), {
    maxNorm: 100,
  });

/** What the re-implementations share. */
export const reimplementation = {
  energyWidth: 200,
  energyActivation: "leakyRelu",
  priorSteps: 60,
  posteriorSteps: 40,
  generatorLearningRate: 2e-4,
  energyLearningRate: 1e-4,
  batchSize: 128,
  // No number is published; this is that of SVHN.
  epochs: 201,
  optimizer: ofReimplementations,
} as const satisfies Partial<LatentPriorTable>;

const count = z.number().int().min(1);

/** The preset of a table. */
export function latentPriorTable(table: LatentPriorTable) {
  const { set, decoder, batchSize, optimizer } = table;
  const { name, examples } = publishedSets[set];
  const perEpoch = Math.ceil(examples / batchSize);
  const options = z.object({
    ...publishedImageOptions,
    ...latentPriorOptions,
    latentDimension: count.default(table.latentDimension),
    /** Base width of the generator; its cost grows with the square. */
    features: count.default(table.features),
    energyWidths: z.array(count).min(1).default([table.energyWidth, table.energyWidth]),
    /** The paper names leaky units; its code uses GELU. */
    energyActivation: z.enum(["gelu", "leakyRelu"]).default(table.energyActivation),
    prior: chain(table.priorSteps, 0.4),
    posterior: chain(table.posteriorSteps, 0.1),
    generatorLearningRate: z.number().positive().default(table.generatorLearningRate),
    energyLearningRate: z.number().positive().default(table.energyLearningRate),
  });
  return defineExperiment({
    name: `latent-prior/${set}`,
    description: `${name} from a convolutional generator with a latent-space energy-based prior (arXiv 2006.08205)`,
    options,
    data: (chosen) => publishedImages(set, chosen, "train"),
    model: (chosen) => {
      const { latentDimension, features, energyActivation } = chosen;
      return latentPriorModel(chosen, decoder({ latentDimension, features }), {
        ...{ tilted: true, energyActivation },
        optimizer: (rate) => optimizer(rate, perEpoch),
      });
    },
    evaluation: (chosen) => ({ test: publishedImages(set, chosen, "test") }),
    training: {
      iterations: table.epochs * perEpoch,
      ...{ batchSize, checkpointEvery: 1_000, sampleEvery: 1_000 },
    },
  });
}
