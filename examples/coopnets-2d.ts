/**
 * An energy and a generator that teach each other: Xie, Lu, Zhu and Wu, "Cooperative Training of
 * Descriptor and Generator Networks", arXiv 1609.09408.
 *
 *     npx ergodic train ./examples/coopnets-2d.ts
 */
import { coopNets } from "@ergodic/cooperative";
import { gaussianRing, type PointBatch } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { networkGenerator } from "@ergodic/generators";
import { adam, mlp } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";

const ring = gaussianRing({ count: 8, radius: 2, sd: 0.15 });
const latentDimension = 4;

export default defineExperiment({
  name: "coopnets-2d",
  description: "eight Gaussians on a circle, an energy and a generator that teach each other",
  options: z.object({
    width: z.number().int().min(1).default(128),
    steps: z.number().int().min(1).default(20),
  }),
  data: ring.source({ size: 51_200 }),
  model: ({ width, steps }) =>
    coopNets({
      generator: networkGenerator({
        latentDimension,
        outputShape: [2],
        network: mlp({ in: latentDimension, widths: [width, width], out: 2, activation: "swish" }),
      }),
      energy: mlpEnergy({ in: 2, widths: [width, width], activation: "swish" }),
      // The chain of the energy revises what the generator makes.
      chain: { steps, stepSize: 0.1, referenceSd: 2 },
      optimizers: {
        energy: adam({ learningRate: 1e-3, beta1: 0.5 }),
        generator: adam({ learningRate: 3e-4, beta1: 0.5 }),
      },
      observe: (batch: PointBatch) => batch.points,
    }),
  evaluation: { points: ring.source({ size: 20_000, seed: "held out" }), logDensity: ring.logDensity },
  training: { iterations: 2_000, batchSize: 256, sampleCount: 1_000 },
});
