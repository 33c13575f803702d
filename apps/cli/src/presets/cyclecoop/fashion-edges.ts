/** `ergodic train cyclecoop/fashion-edges` */
import { changedImages, edges, withheldPairs } from "@ergodic/data";
import { fashionMnist } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { smallTranslation, smallTranslationOptions } from "../../preset-parts/translation-images.js";

const shape = [28, 28, 1] as const;

/** No garment is on both sides: the pairs of garments and their edges are for evaluation alone. */
const clothesAndEdges = ({ dataFrom, examples, pairs }: { dataFrom: string; examples: number; pairs: number }) => {
  const clothes = fashionMnist({ split: "train", limit: examples, from: dataFrom });
  return withheldPairs(clothes, changedImages(clothes, "edges", edges), { withheld: pairs });
};

export default defineExperiment({
  name: "cyclecoop/fashion-edges",
  description: "Fashion-MNIST to its edges and back, learned without pairs (arXiv 2103.04285)",
  options: z.object({
    ...smallTranslationOptions,
    /** The folder with the four IDX files. */
    dataFrom: z.string().default("data/fashion-mnist"),
    /** Number of garments, those for evaluation included. */
    examples: z.number().int().min(4).max(60_000).default(10_000),
    /** Pairs kept for evaluation. */
    pairs: z.number().int().min(2).default(500),
  }),
  data: clothesAndEdges,
  model: (options, training) => smallTranslation(options, training, { x: shape, y: shape }),
  evaluation: (options) => ({ pairs: { load: async () => (await clothesAndEdges(options).load()).withheld } }),
  training: { iterations: 600, batchSize: 32, sampleEvery: 100, checkpointEvery: 50, keepCheckpoints: 12 },
});
