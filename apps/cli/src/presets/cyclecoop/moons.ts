/** `ergodic train cyclecoop/moons` */
import { cycleCoopNets, type Sides } from "@ergodic/cooperative";
import { movedPoints, twoMoons, withheldPairs, type PointBatch } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { adam, linearDecay, mlp, residual } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";

/** Moons of radius 1.5, and the same turned by 30 degrees and shifted. */
const moons = ({ examples }: { readonly examples: number }) => {
  const points = movedPoints(twoMoons({ noise: 0.1 }).source({ size: examples }), { scale: 0.75 });
  return withheldPairs(points, movedPoints(points, { turn: 30, shift: [0.5, -0.5] }), { withheld: 2_000 });
};

const energy = () => mlpEnergy({ in: 2, widths: [128, 128], activation: "swish" });
const translator = () => residual(mlp({ in: 2, widths: [128, 128], out: 2, activation: "swish" }));

export default defineExperiment({
  name: "cyclecoop/moons",
  description: "two moons to two moons that are turned and shifted, learned without pairs (arXiv 2103.04285)",
  options: z.object({
    examples: z.number().int().min(2_002).default(42_000),
    steps: z.number().int().min(1).default(20),
    stepSize: z.number().positive().default(0.1),
    teaching: z.number().min(0).default(1),
    cycle: z.number().min(0).default(1),
    /** Rates at the start; they fall in the second half. */
    energyLearningRate: z.number().positive().default(5e-4),
    translatorLearningRate: z.number().positive().default(5e-4),
  }),
  data: moons,
  model: (options, { iterations }) => {
    const { steps, stepSize, teaching, cycle } = options;
    const half = Math.ceil(iterations / 2);
    const optimizer = (initial: number) =>
      adam({ learningRate: linearDecay({ initial, final: 1e-5, after: half, over: half }), beta1: 0.5 });
    return cycleCoopNets({
      energies: { x: energy(), y: energy() },
      translators: { toX: translator(), toY: translator() },
      chain: { steps, stepSize, referenceSd: 2 },
      weights: { teaching, cycle: { x: cycle, y: cycle } },
      error: "squared",
      optimizers: {
        energyX: optimizer(options.energyLearningRate),
        energyY: optimizer(options.energyLearningRate),
        translators: optimizer(options.translatorLearningRate),
      },
      observe: ({ x, y }: Sides<PointBatch>) => ({ x: x.points, y: y.points }),
    });
  },
  evaluation: (options) => ({ pairs: { load: async () => (await moons(options).load()).withheld } }),
  training: { iterations: 2_000, batchSize: 256, sampleEvery: 500, checkpointEvery: 500 },
});
