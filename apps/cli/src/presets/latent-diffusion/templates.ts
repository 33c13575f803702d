/** `ergodic train latent-diffusion/templates`: sentences of a grammar whose law is known. */
import { templateGrammar, type LabelledSentences } from "@ergodic/data";
import { random } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { symbolModel, symbolOptions } from "../../preset-parts/latent-diffusion-sentences.js";
import { sentenceEvaluation, sharedCorpus } from "../../preset-parts/latent-prior-sentences.js";

const grammar = templateGrammar();
const sizes = { train: 2_000, test: 500 };

const options = z.object({
  ...symbolOptions,
  words: z.number().int().min(1).default(grammar.words),
  longest: z.number().int().min(7).max(255).default(7),
  latentDimension: symbolOptions.latentDimension.default(8),
  embedding: symbolOptions.embedding.default(32),
  hidden: symbolOptions.hidden.default(64),
});

/** Sentences with their topics. */
const templates = sharedCorpus<z.output<typeof options>, LabelledSentences>(
  (_, split) => {
    const sentences = grammar.draw(random.key(`templates ${split}`), sizes[split]);
    const labels = Int32Array.from(sentences, (sentence) => grammar.topicOf(sentence)!);
    return Promise.resolve({ sentences, labels });
  },
  () => ({ stride: 8 }),
);

export default defineExperiment({
  name: "latent-diffusion/templates",
  description:
    "256 sentences of a grammar of four topics, from latents by diffusion with energies coupled to symbols (arXiv 2206.05895)",
  options,
  data: (chosen) => templates(chosen).source("train"),
  model: (chosen) => symbolModel(chosen, templates(chosen)),
  evaluation: (chosen) => ({ ...sentenceEvaluation(chosen, templates(chosen)), grammar }),
  training: {
    phases: { autoencoder: 1_000, rise: 500, joint: 1_000 },
    ...{ batchSize: 128, averaging: 0.99, checkpointEvery: 500, sampleEvery: 500 },
  },
});
