/** `ergodic train toy/energy-matching` */
import { twoMoons, type PointBatch } from "@ergodic/data";
import { mlpEnergy, scaledEnergy } from "@ergodic/energies";
import { adam, clipped } from "@ergodic/nn";
import { energyLearner, energyMatching } from "@ergodic/objectives";
import { random, type Key } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { planeEvaluation } from "../../preset-parts/plane-sets.js";

const moons = twoMoons();
const count = z.number().int().min(1);

/** Eight Gaussians on a circle around the moons. */
const ring = (key: Key, n: number): tf.Tensor => {
  const [which, where] = random.split(key) as [Key, Key];
  const angles = tf.mul(random.integers(which, [n], { high: 8 }), Math.PI / 4);
  const centres = tf.mul(4, tf.stack([tf.cos(angles), tf.sin(angles)], 1));
  return tf.add(centres, random.normal(where, [n, 2], { sd: 0.3 }));
};

export default defineExperiment({
  name: "toy/energy-matching",
  description: "eight Gaussians carried to two moons by an energy that is their density (arXiv 2504.10612)",
  options: z.object({
    /** A multiple of the batch size, so that every batch is full. */
    examples: count.default(102_400),
    learningRate: z.number().positive().default(1e-3),
    /** M, the steps of an update's chains, of 0.02 each. */
    steps: count.default(100),
    samplingSteps: count.default(200),
    /** λ; 0 leaves the contrast out. */
    weight: z.number().min(0).default(2),
  }),
  data: ({ examples }) => moons.source({ size: examples }),
  model: ({ learningRate, steps, samplingSteps, weight }) =>
    energyLearner({
      model: scaledEnergy(mlpEnergy({ in: 2, widths: [128, 128, 128], activation: "swish" }), 10),
      objective: energyMatching({
        source: ring,
        temperature: 0.15,
        heatFrom: 0.8,
        stepSize: 0.02,
        steps,
        samplingSteps,
        weight,
      }),
      optimizer: clipped(adam({ learningRate }), { maxNorm: 10 }),
      observe: (batch: PointBatch) => batch.points,
    }),
  evaluation: planeEvaluation(moons),
  training: {
    phases: { flow: 1_500, contrastive: 300 },
    batchSize: 256,
    averaging: 0.99,
    sampleEvery: 300,
    checkpointEvery: 300,
    sampleCount: 1_000,
  },
});
