/** `ergodic train coopnets/toy-ring` */
import { coopNets } from "@ergodic/cooperative";
import { gaussianRing, type PointBatch } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { networkGenerator } from "@ergodic/generators";
import { adam, linearDecay, mlp } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { planeEvaluation } from "../../preset-parts/plane-sets.js";

const ring = gaussianRing({ count: 8, radius: 2, sd: 0.15 });
const latentDimension = 4;

export default defineExperiment({
  name: "coopnets/toy-ring",
  description: "eight Gaussians on a circle, an energy and a generator that teach each other (arXiv 1609.09408)",
  options: z.object({
    /** A multiple of the batch size, so that every batch is full. */
    examples: z.number().int().min(1).default(102_400),
    steps: z.number().int().min(1).default(20),
    stepSize: z.number().positive().default(0.1),
    /** Rates at the start; they fall in the second half. */
    energyLearningRate: z.number().positive().default(2e-3),
    generatorLearningRate: z.number().positive().default(5e-4),
  }),
  data: ({ examples }) => ring.source({ size: examples }),
  model: ({ steps, stepSize, energyLearningRate, generatorLearningRate }, { iterations }) => {
    const half = Math.ceil(iterations / 2);
    const learningRate = (initial: number) =>
      linearDecay({ initial, final: Math.min(1e-5, initial), after: half, over: half });
    return coopNets({
      generator: networkGenerator({
        latentDimension,
        outputShape: [2],
        network: mlp({ in: latentDimension, widths: [128, 128], out: 2, activation: "swish" }),
      }),
      energy: mlpEnergy({ in: 2, widths: [128, 128], activation: "swish" }),
      chain: { steps, stepSize, referenceSd: 2 },
      optimizers: {
        energy: adam({ learningRate: learningRate(energyLearningRate), beta1: 0.5 }),
        generator: adam({ learningRate: learningRate(generatorLearningRate), beta1: 0.5 }),
      },
      observe: (batch: PointBatch) => batch.points,
    });
  },
  evaluation: planeEvaluation(ring),
  training: { iterations: 2_000, batchSize: 256, sampleEvery: 500, checkpointEvery: 500, sampleCount: 1_000 },
});
