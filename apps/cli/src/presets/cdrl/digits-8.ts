/** `ergodic train cdrl/digits-8` */
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import {
  cooperativeImages,
  cooperativeOptions,
  type CooperativeTable,
} from "../../preset-parts/cooperative-recovery.js";
import { digitDataOptions, digitPlan, trainingDigits } from "../../preset-parts/recovery-digits.js";

const table: CooperativeTable = {
  ...{ imageShape: [8, 8, 1], channels: 16, multipliers: [1, 2], blocks: 1, steps: 5 },
  ...{ learningRate: 3e-4, warmup: 200 },
  // Half the width of the energy, as published. Above a third of the energy's rate samples, which
  // come from averaged parameters, fall behind: the energy mends the errors of the last ones.
  ...{ initialiserChannels: 8, initialiserBlocks: 1, initialiserLearningRate: 1e-4, initialiserAttention: [] },
  initialiserInput: "shrunk",
};

export default defineExperiment({
  name: "cdrl/digits-8",
  description: "MNIST digits at 8 x 8, recovery likelihood with learned starts of chains (arXiv 2309.05153)",
  options: z.object({ ...digitDataOptions, ...cooperativeOptions(table) }),
  data: (options) => trainingDigits(options, 8),
  model: (options) => cooperativeImages(options, table),
  evaluation: (options) => digitPlan(options, 8),
  training: { iterations: 3_000, batchSize: 64, averaging: 0.999, checkpointEvery: 250, sampleEvery: 500 },
});
