/** `ergodic train cyclecoop/circle-sequences` */
import { sequenceCoopNets, type Sides } from "@ergodic/cooperative";
import { circleSequences, paired, unpaired, type PointFrames } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { lastFramePlus } from "@ergodic/generators";
import { adam, mlp, residual } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";

const widths = [64, 64];
const activation = "swish";
const turned = { turn: 60, centre: [1, -0.5] } as const;
const energy = () => mlpEnergy({ in: 2, widths, activation });
const translator = () => residual(mlp({ in: 2, widths, out: 2, activation }));
const predictor = () => lastFramePlus(mlp({ in: 4, widths, out: 2, activation }));

export default defineExperiment({
  name: "cyclecoop/circle-sequences",
  description: "points that run round a circle to points that run round a turned one, learned without pairs",
  options: z.object({
    examples: z.number().int().min(128).default(20_000),
    steps: z.number().int().min(1).default(10),
    /** Weight of the error there, a frame on, and back. */
    recycle: z.number().min(0).default(1),
    /** Weight of the error there and back. */
    cycle: z.number().min(0).default(0),
    learningRate: z.number().positive().default(5e-4),
    predictorLearningRate: z.number().positive().default(1e-3),
  }),
  data: ({ examples: size }) =>
    unpaired(circleSequences({ size, seed: "x" }), circleSequences({ size, seed: "y", ...turned })),
  model: ({ steps, recycle, cycle, learningRate, predictorLearningRate }) => {
    const optimizer = adam({ learningRate, beta1: 0.5 });
    return sequenceCoopNets({
      energies: { x: energy(), y: energy() },
      translators: { toX: translator(), toY: translator() },
      predictors: { x: predictor(), y: predictor() },
      chain: { steps, stepSize: 0.1, referenceSd: 2 },
      weights: { teaching: 1, cycle: { x: cycle, y: cycle }, recycle, prediction: 1 },
      error: "squared",
      recyclePredictors: false,
      teachPrediction: false,
      optimizers: {
        energyX: optimizer,
        energyY: optimizer,
        translators: optimizer,
        predictors: adam({ learningRate: predictorLearningRate, beta1: 0.5 }),
      },
      observe: ({ x, y }: Sides<PointFrames>) => ({ x: x.frames, y: y.frames }),
    });
  },
  /** The same sequences on both sides, which training does not have. */
  evaluation: () => ({
    pairs: paired(
      circleSequences({ size: 500, seed: "held out", noise: 0 }),
      circleSequences({ size: 500, seed: "held out", noise: 0, ...turned }),
    ),
  }),
  training: { iterations: 900, batchSize: 128, sampleEvery: 300, checkpointEvery: 150, keepCheckpoints: 6 },
});
