/** `ergodic train classifier/mnist-lenet`: the classifier that gives the features of FD-LeNet. */
import { mnist } from "@ergodic/data/node";
import { lenetLearner } from "@ergodic/evaluation/networks";
import { adam, exponentialDecay } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { digitOptions, digits } from "../../preset-parts/latent-prior-digits.js";

export default defineExperiment({
  name: "classifier/mnist-lenet",
  description: "LeNet on MNIST digits that are stretched, moved and slanted a little",
  options: z.object({
    examples: digitOptions.examples,
    dataFrom: digitOptions.dataFrom,
    learningRate: z.number().positive().default(2e-3),
    /** Number of iterations after which the learning rate is halved. */
    halvedEvery: z.number().int().min(1).default(1_000),
    stretch: z.number().min(0).max(0.5).default(0.15),
    shift: z.number().min(0).default(2),
    slant: z.number().min(0).default(0.2),
  }),
  data: digits,
  model: ({ learningRate, halvedEvery, ...distortion }) =>
    lenetLearner({
      optimizer: adam({ learningRate: exponentialDecay({ initial: learningRate, factor: 0.5, every: halvedEvery }) }),
      distortion,
    }),
  evaluation: ({ dataFrom }) => ({ test: mnist({ split: "test", from: dataFrom }) }),
  training: { iterations: 4_500, batchSize: 100, averaging: 0.999, checkpointEvery: 1_000, sampleEvery: 2_000 },
});
