/** Diffusion recovery likelihood of MNIST digits, common to the presets of all sizes. */
import { mnist, type MnistSide } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { recoveryImages, recoveryOptions, type RecoveryTable } from "./recovery.js";

/** Options of the data. */
export const digitDataOptions = {
  /** Number of training digits, from the first. */
  examples: z.number().int().min(1).max(60_000).default(60_000),
  /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
  dataFrom: z.string().default("package"),
};

type DigitData = z.output<z.ZodObject<typeof digitDataOptions>>;

export const trainingDigits = ({ examples, dataFrom }: DigitData, side: MnistSide) =>
  mnist({ split: "train", side, limit: examples, from: dataFrom });

export const digitPlan = ({ dataFrom }: Pick<DigitData, "dataFrom">, side: MnistSide) => ({
  test: mnist({ split: "test", side, from: dataFrom }),
  reference: mnist({ split: "train", side, limit: 20_000, from: dataFrom }),
  components: 20,
  samples: 2_000,
});

export interface RecoveryDigits {
  readonly name: string;
  readonly side: MnistSide;
  readonly table: Omit<RecoveryTable, "imageShape" | "beta1">;
  readonly iterations: number;
}

/** Digits of `side` x `side` pixels, without flips. */
export function recoveryDigits({ name, side, table: sizes, iterations }: RecoveryDigits) {
  const table: RecoveryTable = { ...sizes, imageShape: [side, side, 1], beta1: 0.9 };
  return defineExperiment({
    name,
    description: `MNIST digits at ${side} x ${side}, energies at six noise levels, by recovery likelihood (arXiv 2012.08125)`,
    options: z.object({ ...digitDataOptions, ...recoveryOptions(table) }),
    data: (options) => trainingDigits(options, side),
    model: (options) => recoveryImages(options, table),
    evaluation: (options) => digitPlan(options, side),
    training: { iterations, batchSize: 64, averaging: 0.999, checkpointEvery: 250, sampleEvery: 500 },
  });
}
