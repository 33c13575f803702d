/** `ergodic train latent-diffusion/texts --set options.train=train.tsv --set options.test=test.tsv` */
import type { LabelledSentences } from "@ergodic/data";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { readLabelledTexts, textFileOptions } from "../../preset-parts/labelled-texts.js";
import { symbolModel, symbolOptions } from "../../preset-parts/latent-diffusion-sentences.js";
import { sentenceEvaluation, sharedCorpus } from "../../preset-parts/latent-prior-sentences.js";

const weight = z.number().min(0);

const options = z.object({
  ...symbolOptions,
  ...textFileOptions,
  supervision: symbolOptions.supervision.default("labels"),
  symbols: symbolOptions.symbols.default(2),
  symbolLevels: symbolOptions.symbolLevels.default("all"),
  dropout: z
    .object({
      words: z.number().min(0).lt(1).default(0.3),
      embedding: z.number().min(0).lt(1).default(0.2),
      output: z.number().min(0).lt(1).default(0.2),
    })
    .prefault({}),
  steps: symbolOptions.steps.default(50),
  weights: z
    .object({ divergence: weight.default(0.3), information: weight.default(0.5), symbols: weight.default(50) })
    .prefault({}),
  learningRate: symbolOptions.learningRate.default(2e-3),
  energyLearningRate: symbolOptions.energyLearningRate.default(4e-4),
});

const texts = sharedCorpus<z.output<typeof options>, LabelledSentences>(readLabelledTexts, () => ({ stride: 4 }));

export default defineExperiment({
  name: "latent-diffusion/texts",
  description: "labelled sentences of your files, sampled by class from latents by diffusion (arXiv 2206.05895)",
  options,
  data: (chosen) => texts(chosen).source("train"),
  model: (chosen) => symbolModel(chosen, texts(chosen)),
  evaluation: (chosen) => sentenceEvaluation(chosen, texts(chosen)),
  training: {
    phases: { autoencoder: 1_200, rise: 600, joint: 1_200 },
    ...{ batchSize: 64, averaging: 0.99, checkpointEvery: 1_000, sampleEvery: 1_000 },
  },
});
