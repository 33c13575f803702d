/**
 * A classifier that is an energy of its data too: Grathwohl et al., "Your Classifier is Secretly an
 * Energy Based Model and You Should Treat it Like One", arXiv 1912.03263.
 *
 *     npx ergodic train ./examples/jem.ts
 *     npx ergodic sample runs/jem-1 --class 0,1,2,3
 */
import { fourGaussians, type LabelledPointBatch } from "@ergodic/data";
import { activation, adam, clipped, dense, sequential } from "@ergodic/nn";
import { classifierEnergy, classifierLearner, persistentContrastive } from "@ergodic/objectives";
import { langevin, replayBuffer } from "@ergodic/samplers";
import { random, type TensorTree } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";

/** Four classes that overlap: the best classifier is right for 91.5 % of points. */
const classes = fourGaussians({ distance: 1.2, sd: 0.7 });

export default defineExperiment({
  name: "jem",
  description: "four overlapping Gaussians, a classifier that is an energy of its data",
  options: z.object({
    width: z.number().int().min(1).default(64),
    steps: z.number().int().min(1).default(20),
    examples: z.number().int().min(1).default(400),
  }),
  data: ({ examples }) => classes.source({ size: examples }),
  model: ({ width, steps }) =>
    classifierLearner({
      // E(x, y) = -logit_y(x), so that E(x) = -log Σ_y exp(logit_y(x)).
      model: classifierEnergy(
        sequential<readonly TensorTree[]>(
          dense({ in: 2, out: width }),
          activation("swish"),
          dense({ in: width, out: width }),
          activation("swish"),
          dense({ in: width, out: 4 }),
        ),
        { classes: 4 },
      ),
      objective: persistentContrastive({
        kernel: (energy) => langevin({ energy, stepSize: 0.25 }),
        steps,
        buffer: replayBuffer({ size: 2_048, start: (key, n) => random.uniform(key, [n, 2], { low: -4, high: 4 }) }),
        penalty: 1e-3,
      }),
      optimizer: clipped(adam({ learningRate: 1e-3 }), { maxNorm: 10 }),
      observe: (batch: LabelledPointBatch) => batch.points,
      labels: (batch) => batch.labels,
    }),
  evaluation: {
    points: classes.source({ size: 20_000, seed: "held out" }),
    logDensity: classes.logDensity,
    test: classes.source({ size: 20_000, seed: "held out" }),
  },
  training: { iterations: 2_000, batchSize: 100, sampleCount: 1_000 },
});
