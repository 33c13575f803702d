/** `ergodic train latent-prior/images`: pictures in a folder of one's own. */
import { images } from "@ergodic/data/node";
import { celeba128Decoder, celeba64Decoder, svhn32Decoder } from "@ergodic/generators";
import { fail } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { latentPriorOptions, latentPriorModel } from "../../preset-parts/latent-prior.js";

const count = z.number().int().min(1);

/** The networks of the paper by the side of the images, and of its re-implementation at 64. */
const networks = {
  32: { decoder: svhn32Decoder, features: 64, energyWidths: [200, 200] },
  64: { decoder: celeba64Decoder, features: 128, energyWidths: [200, 200] },
  128: { decoder: celeba128Decoder, features: 128, energyWidths: [1000, 1000] },
} as const;

const options = z.object({
  ...latentPriorOptions,
  /** The folder of pictures, with subfolders. */
  from: z.string().default(""),
  /** Height and width of the images. */
  size: z.literal([32, 64, 128]).default(32),
  /** The part of a picture that becomes the image: see `images` in @ergodic/data. */
  crop: z.enum(["center", "shorter-side", "none"]).default("center"),
  /** The share of pictures that training does not see. They are the test images. */
  testShare: z.number().gt(0).lt(1).default(0.2),
  /** A folder that keeps decoded pictures. */
  cache: z.string().optional(),
  latentDimension: count.default(100),
  /** Base width of the generator. Default: 64 at 32 pixels, 128 above. */
  features: count.optional(),
  /** Hidden layers of the prior's energy. Default: [200, 200], at 128 pixels [1000, 1000]. */
  energyWidths: z.array(count).min(1).optional(),
  generatorLearningRate: z.number().positive().default(1e-3),
  energyLearningRate: z.number().positive().default(1e-4),
});

function pictures({ from, size, crop, testShare, cache }: z.output<typeof options>, split: "train" | "test") {
  if (from === "") fail("options.from is not set", "a folder of pictures", "name yours: --set options.from=photos/");
  return images({ from, size, crop, split, testShare, ...(cache !== undefined && { cache }) });
}

export default defineExperiment({
  name: "latent-prior/images",
  description:
    "pictures in a folder of your own, a generator with a latent-space energy-based prior (arXiv 2006.08205)",
  options,
  data: (chosen) => pictures(chosen, "train"),
  model: (chosen) => {
    const { decoder, ...usual } = networks[chosen.size];
    const { latentDimension, features = usual.features, energyWidths = [...usual.energyWidths] } = chosen;
    const generator = decoder({ latentDimension, features });
    return latentPriorModel({ ...chosen, energyWidths }, generator, { tilted: true });
  },
  // Without reference images there is no FPD, whose covariance of pixels grows too large at 128.
  evaluation: (chosen) => ({ test: pictures(chosen, "test") }),
  training: { iterations: 1_000, batchSize: 32, averaging: 0.99, checkpointEvery: 250, sampleEvery: 250 },
});
