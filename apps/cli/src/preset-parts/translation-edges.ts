/** Translation of grey images to their edges and back. */
import { changedImages, edges, withheldPairs } from "@ergodic/data";
import type { mnist } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { smallTranslation, smallTranslationOptions } from "./translation-images.js";

const shape = [28, 28, 1] as const;

interface EdgesPreset {
  readonly name: string;
  /** What is translated, such as "MNIST digits to their edges". */
  readonly about: string;
  source(options: { readonly split: "train"; readonly limit: number; readonly from: string }): ReturnType<typeof mnist>;
  /** Where the source finds its files by default. */
  readonly dataFrom: string;
  readonly iterations: number;
  /** Iterations between checkpoints. Samples are half as frequent. */
  readonly checkpointEvery: number;
}

/** No image is on both sides: the pairs of images and their edges are for evaluation alone. */
export function translationToEdges({ name, about, source, dataFrom, iterations, checkpointEvery }: EdgesPreset) {
  const sides = (options: { dataFrom: string; examples: number; pairs: number }) => {
    const images = source({ split: "train", limit: options.examples, from: options.dataFrom });
    return withheldPairs(images, changedImages(images, "edges", edges), { withheld: options.pairs });
  };
  return defineExperiment({
    name,
    description: `${about} and back, learned without pairs (arXiv 2103.04285)`,
    options: z.object({
      ...smallTranslationOptions,
      /** The folder with the four IDX files; for MNIST also "package", the digits of @ergodic/data. */
      dataFrom: z.string().default(dataFrom),
      /** Number of images, those for evaluation included. */
      examples: z.number().int().min(4).max(60_000).default(10_000),
      /** Pairs kept for evaluation. */
      pairs: z.number().int().min(2).default(500),
    }),
    data: sides,
    model: (options, training) => smallTranslation(options, training, { x: shape, y: shape }),
    evaluation: (options) => ({ pairs: { load: async () => (await sides(options).load()).withheld } }),
    training: { iterations, batchSize: 32, sampleEvery: 2 * checkpointEvery, checkpointEvery, keepCheckpoints: 12 },
  });
}
