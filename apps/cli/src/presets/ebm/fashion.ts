/** `ergodic train ebm/fashion` */
import { fashionMnist } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { imageEnergy, imageEnergyOptions, imageEnergyTraining } from "../../preset-parts/ebm-images.js";

export default defineExperiment({
  name: "ebm/fashion",
  description: "Fashion-MNIST from a convolutional energy of pixels, learned by persistent chains (arXiv 1903.08689)",
  options: z.object({
    ...imageEnergyOptions,
    /** The folder with the four IDX files. */
    dataFrom: z.string().default("data/fashion-mnist"),
  }),
  data: ({ dataFrom }) => fashionMnist({ split: "train", from: dataFrom }),
  model: imageEnergy,
  evaluation: ({ dataFrom }) => ({
    test: fashionMnist({ split: "test", from: dataFrom }),
    reference: fashionMnist({ split: "train", limit: 20_000, from: dataFrom }),
    components: 32,
    samples: 2_000,
  }),
  training: imageEnergyTraining,
});
