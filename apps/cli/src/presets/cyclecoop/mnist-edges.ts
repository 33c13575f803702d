/** `ergodic train cyclecoop/mnist-edges` */
import { changedImages, edges, withheldPairs } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { smallTranslation, smallTranslationOptions } from "../../preset-parts/translation-images.js";

const shape = [28, 28, 1] as const;

/** No digit is on both sides: the pairs of test digits and their edges are for evaluation alone. */
const digitsAndEdges = ({ dataFrom, examples, pairs }: { dataFrom: string; examples: number; pairs: number }) => {
  const digits = mnist({ split: "train", limit: examples, from: dataFrom });
  return withheldPairs(digits, changedImages(digits, "edges", edges), { withheld: pairs });
};

export default defineExperiment({
  name: "cyclecoop/mnist-edges",
  description: "MNIST digits to their edges and back, learned without pairs (arXiv 2103.04285)",
  options: z.object({
    ...smallTranslationOptions,
    /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
    dataFrom: z.string().default("package"),
    /** Number of digits, those for evaluation included. */
    examples: z.number().int().min(4).max(60_000).default(10_000),
    /** Pairs kept for evaluation. */
    pairs: z.number().int().min(2).default(500),
  }),
  data: digitsAndEdges,
  model: (options, training) => smallTranslation(options, training, { x: shape, y: shape }),
  evaluation: (options) => ({ pairs: { load: async () => (await digitsAndEdges(options).load()).withheld } }),
  training: { iterations: 300, batchSize: 32, sampleEvery: 50, checkpointEvery: 25, keepCheckpoints: 12 },
});
