/** `ergodic train ebm/energy-matching-mnist` */
import type { LabelledImageBatch } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { convEnergy, scaledEnergy } from "@ergodic/energies";
import { adam, clipped, linearWarmup } from "@ergodic/nn";
import { energyLearner, energyMatching } from "@ergodic/objectives";
import { random } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { digitOptions } from "../../preset-parts/latent-prior-digits.js";

const side = 16;
const imageShape = [side, side, 1] as const;
const count = z.number().int().min(1);

export default defineExperiment({
  name: "ebm/energy-matching-mnist",
  description: "MNIST digits at 16 x 16, carried from noise by an energy that is their density (arXiv 2504.10612)",
  options: z.object({
    examples: digitOptions.examples,
    dataFrom: digitOptions.dataFrom,
    /** Channels of the convolutions; the first has stride 2. */
    widths: z.array(count).length(3).default([32, 64, 64]),
    /** M, the steps of an update's chains, of 0.05 each. */
    steps: count.default(40),
    /** A sample takes longer than the chains of learning: by time 3 digits are sharpest. */
    samplingSteps: count.default(60),
    /** ε_max */
    temperature: z.number().positive().default(0.1),
    /** λ; 0 leaves the contrast out. */
    weight: z.number().min(0).default(3e-3),
    /** β */
    bound: z.number().min(0).default(0.05),
    learningRate: z.number().positive().default(1e-3),
  }),
  data: ({ examples, dataFrom }) => mnist({ split: "train", side, limit: examples, from: dataFrom }),
  model: ({ widths, learningRate, examples: _, dataFrom: __, ...matching }) =>
    energyLearner({
      model: scaledEnergy(
        convEnergy({ imageShape, widths, kernels: [4, 3, 3], strides: [2, 1, 1], activation: "swish" }),
        500,
      ),
      objective: energyMatching({
        source: (key, n) => random.normal(key, [n, ...imageShape]),
        stepSize: 0.05,
        clamp: [-1, 1],
        ...matching,
      }),
      optimizer: clipped(adam({ learningRate: linearWarmup({ steps: 100, then: learningRate }), beta2: 0.95 }), {
        maxNorm: 1,
      }),
      observe: (batch: LabelledImageBatch) => batch.images,
    }),
  evaluation: ({ dataFrom }) => ({
    test: mnist({ split: "test", side, from: dataFrom }),
    reference: mnist({ split: "train", side, limit: 20_000, from: dataFrom }),
    components: 32,
  }),
  training: {
    phases: { flow: 3_000, contrastive: 200 },
    batchSize: 64,
    averaging: 0.99,
    checkpointEvery: 200,
    sampleEvery: 800,
  },
});
