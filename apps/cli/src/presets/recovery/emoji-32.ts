/** `ergodic train recovery/emoji-32` */
import { augmented } from "@ergodic/data";
import { emoji } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { recoveryImages, recoveryOptions, type RecoveryTable } from "../../preset-parts/recovery.js";

const table: RecoveryTable = {
  ...{ imageShape: [32, 32, 3], channels: 16, multipliers: [1, 2, 2, 2], blocks: 1 },
  ...{ steps: 10, learningRate: 1e-4, warmup: 200, beta1: 0.9 },
};

export default defineExperiment({
  name: "recovery/emoji-32",
  description: "emoji in colour at 32 x 32, energies at six noise levels, by recovery likelihood (arXiv 2012.08125)",
  options: z.object({
    /** Who drew them. The other drawings are for tests. */
    vendor: z.enum(["google", "twitter"]).default("google"),
    ...recoveryOptions(table),
  }),
  data: ({ vendor }) => augmented(emoji({ vendor }), { flip: true }),
  model: (options) => recoveryImages(options, table),
  evaluation: ({ vendor }) => ({
    test: emoji({ vendor: vendor === "google" ? "twitter" : "google" }),
    reference: emoji({ vendor }),
    samples: 1_000,
  }),
  training: { iterations: 4_000, batchSize: 64, averaging: 0.999, checkpointEvery: 250, sampleEvery: 500 },
});
