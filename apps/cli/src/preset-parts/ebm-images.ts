/** Energies of small grey images, learned by persistent chains over pixels. */
import type { LabelledImageBatch } from "@ergodic/data";
import { convEnergy } from "@ergodic/energies";
import { adam, clipped, cosine } from "@ergodic/nn";
import { energyLearner, persistentContrastive } from "@ergodic/objectives";
import { langevin, replayBuffer, type Energy } from "@ergodic/samplers";
import { random } from "@ergodic/tensor";
import { z } from "zod";

const count = z.number().int().min(1);

/** Options of every preset of the family. */
export const imageEnergyOptions = {
  /** Channels of the three convolutions, each of stride 2. */
  widths: z.array(count).length(3).default([16, 32, 64]),
  /** Langevin steps of an update. */
  steps: count.default(20),
  /** Langevin steps from a kept chain to a sample. */
  samplingSteps: count.default(200),
  /** A step moves a pixel by this times the gradient, which is clipped. */
  drift: z.number().positive().default(10),
  gradientLimit: z.number().positive().default(0.03),
  /** Standard deviation of a step's noise; pixels are in [-1, 1]. */
  noise: z.number().min(0).default(0.005),
  /** Standard deviation of the noise on the data. */
  dataNoise: z.number().min(0).default(0.005),
  /** Number of chains kept, and the share that starts from uniform noise at an update. */
  buffer: count.default(2_000),
  reinitialise: z.number().min(0).max(1).default(0.05),
  /** Weight of the squared energies in the loss. */
  penalty: z.number().min(0).default(0.1),
  /** At the start; it falls to a tenth along a cosine. */
  learningRate: z.number().positive().default(5e-4),
};

export type ImageEnergyOptions = z.output<z.ZodObject<typeof imageEnergyOptions>>;

const imageShape = [28, 28, 1] as const;

/**
 * Persistent chains of images of 28 x 28.
 *
 * The recipe is that of Du and Mordatch, "Implicit Generation and Modeling with Energy-Based
 * Models", arXiv 1903.08689: persistent chains with 5 % fresh ones, clipped gradients, a penalty on
 * energies, Adam without first moments. Noise and drift are chosen separately, so chains are nearly
 * descents of the energy.
 */
export function persistentImages(options: ImageEnergyOptions) {
  const { steps, samplingSteps, drift, gradientLimit, noise, dataNoise, penalty } = options;
  return persistentContrastive({
    kernel: (energy: Energy) =>
      langevin({ energy, drift, noise, gradientClip: { limit: gradientLimit }, clamp: [-1, 1] }),
    ...{ steps, samplingSteps, dataNoise, penalty },
    buffer: replayBuffer({
      size: options.buffer,
      start: (key, n) => random.uniform(key, [n, ...imageShape], { low: -1, high: 1 }),
      reinitialise: options.reinitialise,
    }),
  });
}

/** The optimiser of the same recipe. */
export const imageOptimizer = (
  { learningRate: initial }: Pick<ImageEnergyOptions, "learningRate">,
  { iterations: steps }: { readonly iterations: number },
) => clipped(adam({ learningRate: cosine({ initial, final: initial / 10, steps }), beta1: 0 }), { maxNorm: 0.1 });

/**
 * The learner of images of 28 x 28: convolutions 5x5-3x3-3x3 of stride 2, swish, an affine number.
 */
export function imageEnergy(options: ImageEnergyOptions, training: { readonly iterations: number }) {
  const { widths } = options;
  return energyLearner({
    model: convEnergy({ imageShape, widths, kernels: [5, 3, 3], strides: [2, 2, 2], activation: "swish" }),
    objective: persistentImages(options),
    optimizer: imageOptimizer(options, training),
    observe: (batch: LabelledImageBatch) => batch.images,
  });
}

/** Training settings of every preset of the family. */
export const imageEnergyTraining = {
  iterations: 4_000,
  batchSize: 64,
  averaging: 0.999,
  checkpointEvery: 500,
  sampleEvery: 1_000,
};
