/** `ergodic train latent-prior/images`: pictures in a folder of one's own. */
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { latentPriorModel, latentPriorOptions } from "../../preset-parts/latent-prior.js";
import { pictureGenerator, pictureOptions, pictures } from "../../preset-parts/own-pictures.js";

/** As in the paper. */
const energyWidths = { 32: [200, 200], 64: [200, 200], 128: [1000, 1000] };

const options = z.object({
  ...latentPriorOptions,
  ...pictureOptions,
  /** Hidden layers of the prior's energy. Default: [200, 200], at 128 pixels [1000, 1000]. */
  energyWidths: z.array(z.number().int().min(1)).min(1).optional(),
  energyLearningRate: latentPriorOptions.energyLearningRate.default(1e-4),
});

export default defineExperiment({
  name: "latent-prior/images",
  description:
    "pictures in a folder of your own, a generator with a latent-space energy-based prior (arXiv 2006.08205)",
  options,
  data: (chosen) => pictures(chosen, "train"),
  model: (chosen) =>
    latentPriorModel(
      { ...chosen, energyWidths: chosen.energyWidths ?? energyWidths[chosen.size] },
      pictureGenerator(chosen),
      { tilted: true },
    ),
  // Without reference images there is no FPD, whose covariance of pixels grows too large at 128.
  evaluation: (chosen) => ({ test: pictures(chosen, "test") }),
  training: { iterations: 1_000, batchSize: 32, averaging: 0.99, checkpointEvery: 250, sampleEvery: 250 },
});
