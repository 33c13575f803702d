/** `ergodic train ebm/jem-mnist` */
import type { LabelledImageBatch } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import type { EnergyModel } from "@ergodic/energies";
import { activation, conv2d, dense, flatten, sequential } from "@ergodic/nn";
import { classifierEnergy, classifierLearner, noDensity, type Objective } from "@ergodic/objectives";
import type { TensorTree } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import {
  imageEnergyOptions,
  imageEnergyTraining,
  imageOptimizer,
  persistentImages,
} from "../../preset-parts/ebm-images.js";

type Params = readonly TensorTree[];

/** The network of `ebm/mnist` with ten logits instead of an energy. */
function network(widths: readonly number[]) {
  const convolutions = widths.flatMap((out, i) => [
    conv2d({ in: widths[i - 1] ?? 1, out, kernel: i === 0 ? 5 : 3, stride: 2 }),
    activation("swish"),
  ]);
  return sequential<Params>(...convolutions, flatten(), dense({ in: 4 * 4 * widths.at(-1)!, out: 10 }));
}

/** Chains, penalty and optimiser are those of `ebm/mnist`, which keep training stable. */
export default defineExperiment({
  name: "ebm/jem-mnist",
  description: "MNIST digits, a classifier that is an energy of its images too (arXiv 1912.03263)",
  options: z.object({
    ...imageEnergyOptions,
    /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
    dataFrom: z.string().default("package"),
    /** False trains the same network as a classifier alone. */
    density: z.boolean().default(true),
    /** Weight of the cross-entropy beside the loss of p(x). */
    weight: z.number().positive().default(10),
  }),
  data: ({ dataFrom }) => mnist({ split: "train", from: dataFrom }),
  model: (options, training) => {
    const { density, weight, widths } = options;
    const objective: (model: EnergyModel<Params>) => Objective<Params> = density
      ? persistentImages(options)
      : noDensity;
    return classifierLearner({
      model: classifierEnergy(network(widths), { classes: 10 }),
      objective,
      optimizer: imageOptimizer(options, training),
      weight,
      observe: (batch: LabelledImageBatch) => batch.images,
      labels: (batch) => batch.labels,
    });
  },
  evaluation: ({ dataFrom }) => ({ test: mnist({ split: "test", from: dataFrom }) }),
  training: { ...imageEnergyTraining, iterations: 2_000, averaging: 0.995 },
});
