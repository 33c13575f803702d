/** `ergodic train cdrl/cifar10` */
import { augmented } from "@ergodic/data";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import {
  cooperativeImages,
  cooperativeOptions,
  type CooperativeTable,
} from "../../preset-parts/cooperative-recovery.js";
import { publishedImageOptions, publishedImages } from "../../preset-parts/published-images.js";

const table: CooperativeTable = {
  ...{ imageShape: [32, 32, 3], channels: 128, multipliers: [1, 2, 2, 2], blocks: 8, steps: 15 },
  ...{ learningRate: 1e-4, warmup: 10_000 },
  ...{ initialiserChannels: 64, initialiserBlocks: 2, initialiserLearningRate: 1e-5, initialiserAttention: [16, 8] },
  initialiserInput: "far",
};

export default defineExperiment({
  name: "cdrl/cifar10",
  description: "CIFAR-10, recovery likelihood with learned starts of chains as published (arXiv 2309.05153)",
  options: z.object({ ...publishedImageOptions, ...cooperativeOptions(table) }),
  data: (options) => augmented(publishedImages("cifar10", options, "train"), { flip: true }),
  model: (options) => cooperativeImages(options, table),
  evaluation: (options) => ({ test: publishedImages("cifar10", options, "test") }),
  training: {
    ...{ iterations: 400_000, batchSize: 256, averaging: 0.9999 },
    ...{ checkpointEvery: 5_000, sampleEvery: 5_000, logEvery: 100 },
  },
});
