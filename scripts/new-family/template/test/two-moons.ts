/** The smallest model of the family: an energy of two moons. */
import { twoMoons } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { adam } from "@ergodic/nn";
import { random, type Key } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { familyName } from "../src/index.js";

export const moons = twoMoons({ noise: 0.1 });

export const uniform = (key: Key, n: number): tf.Tensor => random.uniform(key, [n, 2], { low: -4, high: 4 });

export const learner = () =>
  familyName({
    energy: mlpEnergy({ in: 2, widths: [32, 32], activation: "swish" }),
    optimizer: adam({ learningRate: 3e-3 }),
    observe: ({ points }: { readonly points: tf.Tensor }) => points,
    start: uniform,
    steps: 10,
    bufferSize: 256,
  });

/** Training in a run folder, as in `ergodic train`. */
export const experiment = defineExperiment({
  name: "two-moons",
  data: () => moons.source({ size: 512 }),
  model: learner,
  training: { iterations: 6, batchSize: 32, checkpointEvery: 2, logEvery: 1 },
});
