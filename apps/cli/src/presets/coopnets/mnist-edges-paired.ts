/** `ergodic train coopnets/mnist-edges-paired` */
import { changedImages, edges, paired } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { pairedTranslation, smallTranslationOptions } from "../../preset-parts/translation-images.js";

const shape = [28, 28, 1] as const;
const { identity: _, ...shared } = smallTranslationOptions;

/** Digits beside their edges. */
function pairsOf(split: "train" | "test", limit: number, from: string) {
  const digits = mnist({ split, limit, from });
  return paired(digits, changedImages(digits, "edges", edges));
}

/** Digits and edges determine each other, so cycles help; the paper has none. */
export default defineExperiment({
  name: "coopnets/mnist-edges-paired",
  description: "MNIST digits to their edges and back, learned from pairs: initialisers and solvers (arXiv 1902.02812)",
  options: z.object({
    ...shared,
    /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
    dataFrom: z.string().default("package"),
    /** Pairs for training. */
    examples: z.number().int().min(2).max(60_000).default(10_000),
    /** Pairs of the test set for evaluation. */
    pairs: z.number().int().min(2).max(10_000).default(500),
  }),
  data: ({ dataFrom, examples }) => pairsOf("train", examples, dataFrom),
  model: (options, training) => pairedTranslation({ ...options, identity: 0 }, training, { x: shape, y: shape }),
  evaluation: ({ dataFrom, pairs }) => ({ pairs: pairsOf("test", pairs, dataFrom) }),
  training: { iterations: 300, batchSize: 32, sampleEvery: 50, checkpointEvery: 25, keepCheckpoints: 12 },
});
