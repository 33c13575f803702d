/**
 * `ergodic train joint-prior/fashion-mnist --set options.dataFrom=data/fashion-mnist`: clothes from
 * two layers of latents in two stages, and MNIST digits as outliers.
 *
 * With convolutions and Bernoulli pixels the plain likelihood of digits is higher than that of
 * clothes. Scores by the upper layer alone (`above.z1`) are less wrong. Cui, Wu, Han, arXiv
 * 2306.06323; Havtorn et al., arXiv 2102.08248. The networks are smaller than theirs.
 */
import type { ImageBatch } from "@ergodic/data";
import { fashionMnist, mnist } from "@ergodic/data/node";
import { mlpEnergy, partwiseEnergy } from "@ergodic/energies";
import { bernoulli, bottomGenerator, gaussianHierarchy, layeredInference, networkGenerator } from "@ergodic/generators";
import { variationalPrior } from "@ergodic/latent-priors";
import { adam, conv2d, convTranspose2d, dense, flatten, leakyRelu, mlp, reshape, sequential } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { chain } from "../../preset-parts/latent-prior.js";

const count = z.number().int().min(1);
const rate = z.number().positive();

const options = z.object({
  /** The folder with the four IDX files of Fashion-MNIST. */
  dataFrom: z.string().default("data/fashion-mnist"),
  /** "package" for the digits of @ergodic/data, or a folder with their IDX files. */
  digitsFrom: z.string().default("package"),
  /** Numbers in z1, which the generator reads, and in z2. */
  dimensions: z.tuple([count, count]).default([16, 8]),
  /** Channels of the convolutions next to the image, and twice as many next to the latents. */
  features: count.default(16),
  prior: chain(60, 0.4),
  generatorLearningRate: rate.default(1e-3),
  energyLearningRate: rate.default(3e-4),
});

/** Bernoulli pixels are in [0, 1]. */
const scale = [0, 1] as const;

const published = {
  metric: "auroc",
  rows: [
    { name: "HVAE, likelihood", value: 0.268, source: "arXiv 2310.09604" },
    { name: "VLAE, likelihood", value: 0.199, source: "arXiv 2310.09604" },
    { name: "joint EBM", value: 0.897, source: "arXiv 2310.09604" },
    { name: "HVAE, likelihood ratio", value: 0.984, source: "arXiv 2310.09604" },
  ],
  note: "networks, latents and observation models differ from the published ones. There plain likelihood is below chance; the joint EBM and the ratio of likelihoods are far above it.",
} as const;

export default defineExperiment({
  name: "joint-prior/fashion-mnist",
  description: "Fashion-MNIST from two layers of latents, with MNIST digits as outliers (arXiv 2306.06323)",
  options,
  data: ({ dataFrom }) => fashionMnist({ split: "train", from: dataFrom, scale }),
  model: ({ dimensions, features, prior, generatorLearningRate, energyLearningRate }) => {
    const [bottom, top] = dimensions;
    const [few, many] = [features, 2 * features];
    const halving = { kernel: 4, stride: 2, padding: 1 };
    const fast = adam({ learningRate: generatorLearningRate });
    return variationalPrior({
      generator: bottomGenerator(
        networkGenerator({
          latentDimension: bottom,
          outputShape: [28, 28, 1],
          network: sequential(
            dense({ in: bottom, out: 49 * many }),
            leakyRelu(),
            reshape([7, 7, many]),
            convTranspose2d({ in: many, out: few, ...halving }),
            leakyRelu(),
            convTranspose2d({ in: few, out: 1, ...halving }),
          ),
        }),
      ),
      latents: gaussianHierarchy({
        dimensions,
        conditionals: [mlp({ in: top, widths: [64, 64], out: 2 * bottom })],
      }),
      inference: layeredInference({
        dimensions,
        first: sequential(
          conv2d({ in: 1, out: few, ...halving }),
          leakyRelu(),
          conv2d({ in: few, out: many, ...halving }),
          leakyRelu(),
          flatten(),
          dense({ in: 49 * many, out: 2 * bottom }),
        ),
        upward: [mlp({ in: bottom, widths: [64, 64], out: 2 * top })],
      }),
      energy: partwiseEnergy({
        z1: mlpEnergy({ in: bottom, widths: [128, 128] }),
        z2: mlpEnergy({ in: top, widths: [128, 128] }),
      }),
      observation: bernoulli(),
      prior,
      optimizers: {
        ...{ generator: fast, inference: fast, latents: fast },
        energy: adam({ learningRate: energyLearningRate }),
      },
      observe: (batch: ImageBatch) => batch.images,
    });
  },
  evaluation: ({ dataFrom, digitsFrom }) => ({
    test: fashionMnist({ split: "test", from: dataFrom, scale }),
    anomalies: mnist({ split: "test", from: digitsFrom, scale }),
    published,
  }),
  training: { phases: { backbone: 2_400, prior: 800 }, batchSize: 100, checkpointEvery: 800, sampleEvery: 800 },
});
