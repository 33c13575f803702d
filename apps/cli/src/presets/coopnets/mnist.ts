/** `ergodic train coopnets/mnist` */
import { coopNets } from "@ergodic/cooperative";
import type { LabelledImageBatch } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { convEnergy } from "@ergodic/energies";
import { networkGenerator } from "@ergodic/generators";
import { adam, batchNorm, convTranspose2d, leakyRelu, linearDecay, reshape, sequential, tanh } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";

const count = z.number().int().min(1);

/**
 * z becomes 4 x 4, 7 x 7, 14 x 14 and 28 x 28, with batch normalisation between, as in the paper's
 * code at twice the width.
 */
function generator(latentDimension: number, width: number) {
  const wide = [4 * width, 2 * width, width] as const;
  const between = (channels: number) => [batchNorm({ channels }), leakyRelu()] as const;
  return networkGenerator({
    latentDimension,
    outputShape: [28, 28, 1],
    network: sequential(
      reshape([1, 1, latentDimension]),
      convTranspose2d({ in: latentDimension, out: wide[0], kernel: 4 }),
      ...between(wide[0]),
      convTranspose2d({ in: wide[0], out: wide[1], kernel: 3, stride: 2, padding: 1 }),
      ...between(wide[1]),
      convTranspose2d({ in: wide[1], out: wide[2], kernel: 4, stride: 2, padding: 1 }),
      ...between(wide[2]),
      convTranspose2d({ in: wide[2], out: 1, kernel: 4, stride: 2, padding: 1 }),
      tanh(),
    ),
  });
}

export default defineExperiment({
  name: "coopnets/mnist",
  description: "MNIST digits, an energy of pixels and a generator that teach each other (arXiv 1609.09408)",
  options: z.object({
    /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
    dataFrom: z.string().default("package"),
    latentDimension: count.default(100),
    /**
     * Channels of the energy's first layer, and of the generator's last; the code has 64 and 128.
     */
    energyWidth: count.default(32),
    generatorWidth: count.default(64),
    steps: count.default(15),
    /** A step moves a pixel by this times the gradient, which is clipped. */
    drift: z.number().positive().default(1),
    gradientLimit: z.number().positive().default(0.05),
    /** Standard deviation of a step's noise; pixels are in [-1, 1]. */
    noise: z.number().min(0).default(0.02),
    /** Weight of the squared energies in the loss. */
    penalty: z.number().min(0).default(0.001),
    /** Rates at the start; they fall in the second half. */
    energyLearningRate: z.number().positive().default(3e-4),
    generatorLearningRate: z.number().positive().default(5e-4),
  }),
  data: ({ dataFrom }) => mnist({ split: "train", from: dataFrom }),
  model: (options, { iterations }) => {
    const { latentDimension, energyWidth: width, steps, drift, noise, penalty } = options;
    const half = Math.ceil(iterations / 2);
    const optimizer = (initial: number) =>
      adam({ learningRate: linearDecay({ initial, final: initial / 20, after: half, over: half }), beta1: 0.5 });
    return coopNets({
      generator: generator(latentDimension, options.generatorWidth),
      energy: convEnergy({
        imageShape: [28, 28, 1],
        widths: [width, 2 * width, 4 * width],
        kernels: [4, 4, 4],
        strides: [2, 2, 2],
      }),
      chain: { steps, drift, noise, gradientClip: { limit: options.gradientLimit } },
      penalty,
      optimizers: {
        energy: optimizer(options.energyLearningRate),
        generator: optimizer(options.generatorLearningRate),
      },
      observe: (batch: LabelledImageBatch) => batch.images,
    });
  },
  evaluation: ({ dataFrom }) => ({
    test: mnist({ split: "test", from: dataFrom }),
    reference: mnist({ split: "train", limit: 20_000, from: dataFrom }),
    components: 32,
    samples: 5_000,
  }),
  training: { iterations: 2_000, batchSize: 100, averaging: 0.999, sampleEvery: 500, checkpointEvery: 500 },
});
