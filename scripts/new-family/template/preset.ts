/** `ergodic train toy/family-name` */
import { twoMoons } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { familyName } from "@ergodic/family-name";
import { adam, clipped } from "@ergodic/nn";
import { random } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

export default defineExperiment({
  name: "toy/family-name",
  description: "two moons, an energy of points learned by persistent chains",
  options: z.object({
    examples: z.number().int().min(1).default(10_240),
    learningRate: z.number().positive().default(1e-3),
  }),
  data: ({ examples }) => twoMoons({ noise: 0.1 }).source({ size: examples }),
  model: ({ learningRate }) =>
    familyName({
      energy: mlpEnergy({ in: 2, widths: [64, 64], activation: "swish" }),
      optimizer: clipped(adam({ learningRate }), { maxNorm: 10 }),
      observe: (batch: { readonly points: tf.Tensor }) => batch.points,
      start: (key, n) => random.uniform(key, [n, 2], { low: -4, high: 4 }),
    }),
  training: { iterations: 2_000, batchSize: 128, sampleEvery: 500, checkpointEvery: 500, sampleCount: 1_000 },
});
