/**
 * `ergodic train latent-prior/mnist-anomaly --set options.digit=4`: detection of a digit that is
 * absent from training.
 *
 * - All 70,000 digits are merged. The others than `digit` are shuffled; the first floor(0.8 n) are
 *   for training, the rest and all images of `digit` for testing.
 * - The score is |x - g(z)|²/(2σ²) + E(z) + |z|²/2 at the end of a posterior chain.
 * - Metrics are means over the last ten checkpoints, 500 iterations apart: about an epoch.
 * - The Gaussian twin, E = 0, learns beside the model from the same batches and random numbers.
 *
 * Zenati et al., arXiv 1802.06222; Pang et al., arXiv 2006.08205. Networks and rates are those of
 * a reduced run; those of the paper are not published.
 */
import { leaveOutClass } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { mlpDecoder, normalInference } from "@ergodic/generators";
import { flatten, mlp, sequential } from "@ergodic/nn";
import { defineExperiment, withBaseline } from "@ergodic/training";
import { z } from "zod";
import { latentPriorModel, latentPriorOptions } from "../../preset-parts/latent-prior.js";
import { publishedMnistAnomaly } from "../../preset-parts/published-mnist-anomaly.js";

const count = z.number().int().min(1);

const options = z.object({
  ...latentPriorOptions,
  /** The digit that training does not see. */
  digit: z.number().int().min(0).max(9).default(1),
  /** Where posterior chains start: N(0, I), or an encoder that learns from their ends. */
  start: z.enum(["noise", "encoder"]).default("noise"),
  /** Number of training digits. Default: all that the protocol has. */
  examples: count.optional(),
  /** Number of test digits, normal ones and anomalies together. Default: all. */
  scored: count.optional(),
  /** Number of checkpoints that metrics are averaged over. */
  checkpoints: count.default(10),
  /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
  dataFrom: z.string().default("package"),
  latentDimension: latentPriorOptions.latentDimension.default(8),
  energyLearningRate: latentPriorOptions.energyLearningRate.default(1e-4),
});

type Options = z.output<typeof options>;

const parts = ({ digit, examples, scored, dataFrom }: Options) =>
  leaveOutClass(mnist({ split: "all", from: dataFrom }), {
    label: digit,
    seed: 42,
    trainingLimit: examples,
    testLimit: scored,
  });

function model(chosen: Options, tilted: boolean) {
  const { latentDimension, start } = chosen;
  const network = sequential(flatten(), mlp({ in: 784, widths: [256, 128], out: 2 * latentDimension }));
  return latentPriorModel(chosen, mlpDecoder({ latentDimension, widths: [128, 256], outputShape: [28, 28, 1] }), {
    tilted,
    inference: start === "encoder" ? normalInference({ dimension: latentDimension, network }) : undefined,
  });
}

export default defineExperiment({
  name: "latent-prior/mnist-anomaly",
  description: "a digit absent from training, found by a latent-space energy-based prior (arXiv 2006.08205)",
  options,
  data: (chosen) => parts(chosen).training,
  model: (chosen) => withBaseline(model(chosen, true), model(chosen, false)),
  evaluation: (chosen) => {
    const { test, anomalies } = parts(chosen);
    return {
      test,
      anomalies,
      checkpoints: chosen.checkpoints,
      samples: 70_000,
      published: publishedMnistAnomaly(chosen.digit),
    };
  },
  training: {
    iterations: 5_000,
    batchSize: 100,
    checkpointEvery: 500,
    keepCheckpoints: 10,
    sampleEvery: 500,
  },
});
