/**
 * Detection of a digit that is absent from training: the data, the evaluation and the training
 * settings of the presets named `mnist-anomaly`.
 *
 * - All 70,000 digits are merged. The others than `digit` are shuffled; the first floor(0.8 n) are
 *   for training, the rest and all images of `digit` for testing.
 * - Metrics are means over the last ten checkpoints, 500 iterations apart: about an epoch.
 *
 * Zenati et al., "Efficient GAN-Based Anomaly Detection", arXiv 1802.06222.
 */
import { leaveOutClass } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { z } from "zod";
import { publishedMnistAnomaly } from "./published-mnist-anomaly.js";

const count = z.number().int().min(1);

/** Options of the presets. */
export const anomalyOptions = {
  /** The digit that training does not see. */
  digit: z.number().int().min(0).max(9).default(1),
  /** Number of training digits. Default: all that the protocol has. */
  examples: count.optional(),
  /** Number of test digits, normal ones and anomalies together. Default: all. */
  scored: count.optional(),
  /** Number of checkpoints that metrics are averaged over. */
  checkpoints: count.default(10),
  /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
  dataFrom: z.string().default("package"),
};

type AnomalyOptions = z.output<z.ZodObject<typeof anomalyOptions>>;

const parts = ({ digit, examples, scored, dataFrom }: AnomalyOptions) =>
  leaveOutClass(mnist({ split: "all", from: dataFrom }), {
    label: digit,
    seed: 42,
    trainingLimit: examples,
    testLimit: scored,
  });

export const normalDigits = (options: AnomalyOptions) => parts(options).training;

export function anomalyEvaluation(options: AnomalyOptions) {
  const { test, anomalies } = parts(options);
  const published = publishedMnistAnomaly(options.digit);
  return { test, anomalies, checkpoints: options.checkpoints, samples: 70_000, published };
}

export const anomalyTraining = {
  iterations: 5_000,
  batchSize: 100,
  checkpointEvery: 500,
  keepCheckpoints: 10,
  sampleEvery: 500,
};
