/** `ergodic train ebm/mnist` */
import { mnist } from "@ergodic/data/node";
import { digitClassifier } from "@ergodic/evaluation/node";
import { defineExperiment } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { imageEnergy, imageEnergyOptions, imageEnergyTraining } from "../../preset-parts/ebm-images.js";
import { withLabels } from "../../preset-parts/labelled-chains.js";

/** Chains are labelled with their digit, as a small classifier reads it. */
export default defineExperiment({
  name: "ebm/mnist",
  description: "MNIST digits from a convolutional energy of pixels, learned by persistent chains (arXiv 1903.08689)",
  options: z.object({
    ...imageEnergyOptions,
    /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
    dataFrom: z.string().default("package"),
  }),
  data: ({ dataFrom }) => mnist({ split: "train", from: dataFrom }),
  model: (options, training) =>
    withLabels(imageEnergy(options, training), () => {
      const classify = digitClassifier();
      return (images) => classify(images as tf.Tensor);
    }),
  evaluation: ({ dataFrom }) => ({
    test: mnist({ split: "test", from: dataFrom }),
    reference: mnist({ split: "train", limit: 20_000, from: dataFrom }),
    components: 32,
    samples: 2_000,
  }),
  training: imageEnergyTraining,
});
