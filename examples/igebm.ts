/**
 * Energy of digits, learned by persistent chains over pixels: Du and Mordatch, "Implicit Generation
 * and Modeling with Energy-Based Models", arXiv 1903.08689.
 *
 *     npx ergodic train ./examples/igebm.ts
 */
import type { LabelledImageBatch } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { convEnergy } from "@ergodic/energies";
import { adam, clipped } from "@ergodic/nn";
import { energyLearner, persistentContrastive } from "@ergodic/objectives";
import { langevin, replayBuffer } from "@ergodic/samplers";
import { random } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";

const imageShape = [28, 28, 1] as const;

export default defineExperiment({
  name: "igebm",
  description: "MNIST digits, an energy of pixels learned by persistent chains",
  options: z.object({
    widths: z.array(z.number().int().min(1)).length(3).default([16, 32, 64]),
    steps: z.number().int().min(1).default(20),
    buffer: z.number().int().min(1).default(2_000),
    examples: z.number().int().min(1).default(60_000),
  }),
  data: ({ examples }) => mnist({ split: "train", limit: examples }),
  model: ({ widths, steps, buffer }) =>
    energyLearner({
      model: convEnergy({ imageShape, widths, kernels: [5, 3, 3], strides: [2, 2, 2], activation: "swish" }),
      objective: persistentContrastive({
        kernel: (energy) =>
          langevin({ energy, drift: 10, noise: 0.005, gradientClip: { limit: 0.03 }, clamp: [-1, 1] }),
        steps,
        dataNoise: 0.005,
        buffer: replayBuffer({
          size: buffer,
          start: (key, n) => random.uniform(key, [n, ...imageShape], { low: -1, high: 1 }),
          reinitialise: 0.05,
        }),
        penalty: 0.1,
      }),
      optimizer: clipped(adam({ learningRate: 5e-4, beta1: 0 }), { maxNorm: 0.1 }),
      observe: (batch: LabelledImageBatch) => batch.images,
    }),
  training: { iterations: 4_000, batchSize: 64, averaging: 0.999 },
});
