/**
 * Neural transport of MNIST digits, common to the presets of both sizes: a small Glow, tilted by a
 * convolutional energy.
 */
import { mnist } from "@ergodic/data/node";
import { convEnergy, type EnergyModel } from "@ergodic/energies";
import { dequantize, flowThrough, glow, logit } from "@ergodic/flows";
import { neuralTransport } from "@ergodic/neural-transport";
import { adam, clipped, initializers, linearWarmup, stepDecay } from "@ergodic/nn";
import type { Key, TensorTree } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

const count = z.number().int().min(1);

/** A rate that falls to a fifth for the last fraction `last` of `iterations`. */
const falling = (initial: number, iterations: number, last: number) =>
  stepDecay({ initial, factor: 0.2, every: Math.ceil(iterations * (1 - last)), floor: 0.2 * initial });

/** Converts an energy of images in [-1, 1] to one of pixels in [0, 1]. */
const ofPixels = ({ init, energy }: EnergyModel<readonly TensorTree[]>): EnergyModel<readonly TensorTree[]> => ({
  init,
  energy: (params, u) => energy(params, tf.sub(tf.mul(2, u), 1)),
});

const options = z.object({
  /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
  dataFrom: z.string().default("package"),
  /** Steps of flow per level, and channels of its networks. */
  flowSteps: count.default(4),
  flowWidth: count.default(32),
  flowLearningRate: z.number().positive().default(1e-3),
  energyLearningRate: z.number().positive().default(2e-4),
  /** Channels of the energy's first convolution. */
  energyWidth: count.default(16),
  chains: count.default(64),
  leapfrogSteps: count.default(5),
  /**
   * Whether transitions also propose fresh noise. The tilt of digits is mild, and Hamiltonian moves
   * alone mix.
   */
  jumps: z.boolean().default(false),
});

/** Digits of `side` x `side` pixels. */
export const neuralTransportDigits = (side: 16 | 28) =>
  defineExperiment({
    name: `neural-transport/mnist-${side}`,
    description: `MNIST digits at ${side} x ${side}, an energy that tilts a Glow, sampled in its noise (arXiv 2006.06897)`,
    options,
    data: ({ dataFrom }) => mnist({ split: "train", side, from: dataFrom }),
    model: (options, { phases }) => {
      const { energyWidth: width } = options;
      const { flow = 1, likelihood = 1 } = phases ?? {};
      const shape = [side, side, 1] as const;
      return neuralTransport({
        flow: flowThrough(
          logit(),
          glow({ shape, levels: 2, steps: options.flowSteps, width: options.flowWidth, normalized: false }),
        ),
        energy: ofPixels(
          convEnergy({
            imageShape: shape,
            widths: [width, 2 * width, 4 * width, 4 * width],
            // The last kernel covers the whole remaining image, a quarter of the side after two
            // strides.
            kernels: [3, 4, 4, side / 4],
            strides: [1, 2, 2, side / 4],
            activation: "swish",
            headInit: { weight: initializers.zeros, bias: initializers.zeros },
          }),
        ),
        optimizers: {
          flow: clipped(
            adam({ learningRate: linearWarmup({ steps: 50, then: falling(options.flowLearningRate, flow, 0.25) }) }),
            { maxNorm: 50 },
          ),
          energy: clipped(adam({ learningRate: falling(options.energyLearningRate, likelihood, 0.3) }), { maxNorm: 5 }),
        },
        observe: ({ images }: { readonly images: tf.Tensor }, key: Key) =>
          dequantize(tf.round(tf.mul(127.5, tf.add(images, 1))), key),
        display: (u) => tf.clipByValue(tf.sub(tf.mul(2, u), 1), -1, 1),
        chains: {
          count: options.chains,
          leapfrogSteps: options.leapfrogSteps,
          jumps: options.jumps,
          reinitialise: 0.05,
        },
      });
    },
    evaluation: ({ dataFrom }) => ({
      test: mnist({ split: "test", side, from: dataFrom }),
      reference: mnist({ split: "train", side, limit: 20_000, from: dataFrom }),
      components: 20,
      // A sample takes about 0.2 seconds.
      samples: 1000,
    }),
    training: { phases: { flow: 2000, likelihood: 300 }, batchSize: 64, checkpointEvery: 500, sampleEvery: 500 },
  });
