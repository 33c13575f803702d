/**
 * Latent-space models of MNIST digits: the common data, evaluation and options of their presets.
 */
import { mnist } from "@ergodic/data/node";
import { z } from "zod";
import { latentPriorOptions } from "./latent-prior.js";

/** Options of every preset of digits. */
export const digitOptions = {
  /** Number of training digits, from the first. */
  examples: z.number().int().min(1).max(60_000).default(60_000),
  /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
  dataFrom: z.string().default("package"),
  ...latentPriorOptions,
};

type DigitOptions = z.output<z.ZodObject<typeof digitOptions>>;

/** The training digits. */
export function digits({ examples, dataFrom }: Pick<DigitOptions, "examples" | "dataFrom">) {
  return mnist({ split: "train", limit: examples, from: dataFrom });
}

/** Test digits, and the first 20,000 training digits that determine the principal components. */
export function digitEvaluation({ dataFrom }: Pick<DigitOptions, "dataFrom">) {
  return {
    test: mnist({ split: "test", from: dataFrom }),
    reference: mnist({ split: "train", limit: 20_000, from: dataFrom }),
    components: 32,
  };
}
