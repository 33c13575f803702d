/**
 * `ergodic train toy/four-gaussians`: the generator is the identity, so the prior alone learns a
 * density in the plane.
 */
import { fourGaussians } from "@ergodic/data";
import { gaussian } from "@ergodic/generators";
import { mlpEnergy } from "@ergodic/energies";
import { latentPrior } from "@ergodic/latent-priors";
import { adam } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { withLabels } from "../../preset-parts/labelled-chains.js";

const points = fourGaussians();

/** g(z) = z, without parameters. */
const identity = { latentDimension: 2, init: () => ({}), apply: (_: object, latent: tf.Tensor) => latent };

/** The index of the Gaussian of a point, given by its quadrant. */
const quadrant = (points: tf.Tensor): tf.Tensor =>
  tf.sum(tf.mul(tf.cast(tf.greater(points, 0), "float32"), tf.tensor1d([1, 2])), 1);

export default defineExperiment({
  name: "toy/four-gaussians",
  description: "four Gaussians at (±1.2, ±1.2), identity generator, latent-space energy-based prior",
  options: z.object({
    examples: z.number().int().min(1).default(10_000),
    learningRate: z.number().positive().default(3e-4),
  }),
  data: ({ examples }) => points.source({ size: examples }),
  model: ({ learningRate }) => {
    const learner = latentPrior({
      generator: identity,
      energy: mlpEnergy({ in: 2, widths: [64, 64] }),
      observation: gaussian({ sigma: 0.3 }),
      prior: { steps: 60, stepSize: 0.2 },
      posterior: { steps: 40, stepSize: 0.1 },
      optimizers: { generator: adam({ learningRate, beta1: 0.5 }), energy: adam({ learningRate, beta1: 0.5 }) },
      observe: (batch: { readonly points: tf.Tensor }) => batch.points,
    });
    return withLabels(learner, () => (z) => quadrant(z as tf.Tensor));
  },
  evaluation: {
    test: points.source({ size: 10_000, seed: "held out" }),
    samples: 5_000,
    cloud: { bandwidths: [0.2, 0.5, 1, 2], modes: { means: points.means, sd: points.sd } },
  },
  training: { iterations: 1_200, batchSize: 128, sampleEvery: 300, checkpointEvery: 300, sampleCount: 1_000 },
});
