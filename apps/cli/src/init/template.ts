/** The experiment file that `ergodic init` writes. */
export const template = `/** An energy of points in the plane, learned by persistent chains (arXiv 1903.08689). */
import { twoMoons, type PointBatch } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { adam } from "@ergodic/nn";
import { energyLearner, gaussianNoise, persistentContrastive } from "@ergodic/objectives";
import { langevin, replayBuffer } from "@ergodic/samplers";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";

const moons = twoMoons({ noise: 0.05 });
/** Where new chains start. */
const noise = gaussianNoise({ shape: [2], sd: 2 });

export default defineExperiment({
  name: "my-ebm",
  description: "two moons, an energy learned by persistent chains",
  // Settings of your own: --set options.width=64
  options: z.object({
    width: z.number().int().min(1).default(128),
    steps: z.number().int().min(1).default(20),
    learningRate: z.number().positive().default(1e-3),
  }),
  data: moons.source({ size: 51_200 }),
  model: ({ width, steps, learningRate }) =>
    energyLearner({
      model: mlpEnergy({ in: 2, widths: [width, width], activation: "swish" }),
      objective: persistentContrastive({
        kernel: (energy) => langevin({ energy, stepSize: 0.1 }),
        steps,
        buffer: replayBuffer({ size: 4_096, start: noise.sample, reinitialise: 0.05 }),
        penalty: 0.01,
      }),
      optimizer: adam({ learningRate }),
      observe: (batch: PointBatch) => batch.points,
    }),
  training: { iterations: 2_000, batchSize: 256, averaging: 0.99, sampleEvery: 500, sampleCount: 1_000 },
  // Scores at the end: ergodic evaluate runs/my-ebm-1
  evaluation: { points: moons.source({ size: 20_000, seed: "held out" }), logDensity: moons.logDensity },
});
`;
