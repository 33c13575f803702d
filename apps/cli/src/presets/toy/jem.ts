/** `ergodic train toy/jem` */
import { fourGaussians, type LabelledPointBatch } from "@ergodic/data";
import type { EnergyModel } from "@ergodic/energies";
import { activation, adam, clipped, cosine, dense, sequential } from "@ergodic/nn";
import {
  classifierEnergy,
  classifierLearner,
  noDensity,
  persistentContrastive,
  type Objective,
} from "@ergodic/objectives";
import { langevin, replayBuffer } from "@ergodic/samplers";
import { random, type TensorTree } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { planeEvaluation } from "../../preset-parts/plane-sets.js";

type Params = readonly TensorTree[];

/** Classes that overlap: the best classifier is right for 91.5 % of points. */
const classes = fourGaussians({ distance: 1.2, sd: 0.7 });

const network = () =>
  sequential<Params>(
    dense({ in: 2, out: 64 }),
    activation("swish"),
    dense({ in: 64, out: 64 }),
    activation("swish"),
    dense({ in: 64, out: 4 }),
  );

const persistent = persistentContrastive({
  kernel: (energy) => langevin({ energy, stepSize: 0.25 }),
  steps: 20,
  buffer: replayBuffer({
    size: 2_048,
    start: (key, n) => random.uniform(key, [n, 2], { low: -4, high: 4 }),
  }),
  penalty: 1e-3,
});

export default defineExperiment({
  name: "toy/jem",
  description: "four overlapping Gaussians, a classifier that is an energy of its data too (arXiv 1912.03263)",
  options: z.object({
    examples: z.number().int().min(1).default(400),
    /** False trains the same network as a classifier alone. */
    density: z.boolean().default(true),
    /** At the start; it falls to a fiftieth along a cosine. */
    learningRate: z.number().positive().default(3e-3),
  }),
  data: ({ examples }) => classes.source({ size: examples }),
  model: ({ density, learningRate: initial }, { iterations: steps }) => {
    const objective: (model: EnergyModel<Params>) => Objective<Params> = density ? persistent : noDensity;
    return classifierLearner({
      model: classifierEnergy(network(), { classes: 4 }),
      objective,
      optimizer: clipped(adam({ learningRate: cosine({ initial, final: initial / 50, steps }) }), { maxNorm: 10 }),
      observe: (batch: LabelledPointBatch) => batch.points,
      labels: (batch) => batch.labels,
    });
  },
  evaluation: { ...planeEvaluation(classes), test: classes.source({ size: 20_000, seed: "held out" }) },
  training: { iterations: 2_000, batchSize: 100, sampleEvery: 1_000, checkpointEvery: 1_000, sampleCount: 1_000 },
});
