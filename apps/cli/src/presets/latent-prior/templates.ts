/** `ergodic train latent-prior/templates`: sentences of a grammar whose law is known. */
import { templateGrammar } from "@ergodic/data";
import { random } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { chain } from "../../preset-parts/latent-prior.js";
import {
  sentenceEvaluation,
  sentenceModel,
  sentenceOptions,
  sharedCorpus,
} from "../../preset-parts/latent-prior-sentences.js";

const grammar = templateGrammar();
const sizes = { train: 2_000, test: 500 };

const options = z.object({
  ...sentenceOptions,
  words: z.number().int().min(1).default(grammar.words),
  longest: z.number().int().min(7).max(255).default(7),
  latentDimension: sentenceOptions.latentDimension.default(8),
  cell: sentenceOptions.cell.default("gru"),
  embedding: sentenceOptions.embedding.default(32),
  dropout: z
    .object({
      words: z.number().min(0).lt(1).default(0.2),
      embedding: z.number().min(0).lt(1).default(0),
      output: z.number().min(0).lt(1).default(0),
    })
    .prefault({}),
  energyWidths: sentenceOptions.energyWidths.default([64, 64]),
  prior: chain(40, 0.25),
  generatorLearningRate: sentenceOptions.generatorLearningRate.default(6e-3),
  energyLearningRate: sentenceOptions.energyLearningRate.default(3e-4),
});

const templates = sharedCorpus<z.output<typeof options>>(
  (_, split) => Promise.resolve(grammar.draw(random.key(`templates ${split}`), sizes[split])),
  () => ({ stride: 8 }),
);

export default defineExperiment({
  name: "latent-prior/templates",
  description: "256 sentences of a grammar from a GRU with a latent-space energy-based prior, beside their known law",
  options,
  data: (chosen) => templates(chosen).source("train"),
  model: (chosen) => sentenceModel(chosen, templates(chosen)),
  evaluation: (chosen) => ({ ...sentenceEvaluation(chosen, templates(chosen)), grammar }),
  training: { iterations: 600, batchSize: 128, checkpointEvery: 200, sampleEvery: 200 },
});
