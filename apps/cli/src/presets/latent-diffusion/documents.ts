/**
 * `ergodic train latent-diffusion/documents --set options.train=train.tsv --set options.test=test.tsv`:
 * classes of documents from a few labels, by bags of words. arXiv 2206.05895.
 */
import { wordCounts, type LabelledSentences, type WordCountBatch } from "@ergodic/data";
import { conditionalResidualMlp } from "@ergodic/energies";
import { bagOfWords, networkGenerator, normalInference } from "@ergodic/generators";
import { latentDiffusion } from "@ergodic/latent-priors";
import { activation, adam, dense, dropoutLayer, mlp, sequential, type Layer } from "@ergodic/nn";
import { ladder, langevinSteps } from "@ergodic/noising";
import type { TensorTree } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { readLabelledTexts, textFileOptions } from "../../preset-parts/labelled-texts.js";
import { sharedCorpus } from "../../preset-parts/latent-prior-sentences.js";

const count = z.number().int().min(1);
const weight = z.number().min(0);
const rate = z.number().positive();

const options = z.object({
  ...textFileOptions,
  /** Training documents of each class that show their label, the first ones. Null: all. */
  labelled: textFileOptions.labelled.default(50),
  /** False: only documents that show their label are learned from. */
  unlabelled: z.boolean().default(true),
  /** Labelled documents of an update. */
  labelledBatch: count.default(200),
  /** The number of known words, the most frequent ones. */
  words: count.default(3_000),
  /** The most words of a document. */
  longest: count.max(255).default(255),
  /** As many as classes. */
  symbols: count.default(4),
  latentDimension: count.default(32),
  /** Width of encoder and decoder. */
  hidden: count.default(128),
  /** Of the encoder. */
  dropout: z.number().min(0).lt(1).default(0.5),
  /** Width of the energy network, and its residual blocks. */
  width: count.default(64),
  blocks: count.default(4),
  /** T and K. */
  levels: count.min(2).default(6),
  steps: count.default(20),
  weights: z
    .object({ divergence: weight.default(1e-3), information: weight.default(5), symbols: weight.default(200) })
    .prefault({}),
  learningRate: rate.default(1e-3),
  energyLearningRate: rate.default(1e-4),
});
type Options = z.output<typeof options>;

const texts = sharedCorpus<Options, LabelledSentences>(readLabelledTexts);
const labelledPart = (chosen: Options) => wordCounts(texts(chosen), "train", { labelledOnly: true });

/** Two hidden layers with dropout after each. */
function encoder({ hidden, dropout, latentDimension }: Options, words: number): Layer<readonly TensorTree[]> {
  const dropped = dropoutLayer({ rate: dropout });
  const relu = activation("relu");
  const [first, second] = [dense({ in: words, out: hidden }), dense({ in: hidden, out: hidden })];
  const head = dense({ in: hidden, out: 2 * latentDimension });
  return sequential<readonly TensorTree[]>(first, relu, dropped, second, relu, dropped, head);
}

export default defineExperiment({
  name: "latent-diffusion/documents",
  description: "classes of documents from a few labels, by bags of words and latents by diffusion (arXiv 2206.05895)",
  options,
  data: (chosen) => (chosen.unlabelled ? wordCounts(texts(chosen), "train") : labelledPart(chosen)),
  model: (chosen) => {
    const { latentDimension, hidden, symbols, width, blocks, levels, steps, weights, labelledBatch } = chosen;
    const { symbols: words, textOf } = texts(chosen);
    const diffused = ladder.recovery(levels);
    return latentDiffusion({
      generator: networkGenerator({
        latentDimension,
        outputShape: [words],
        network: mlp({ in: latentDimension, widths: [hidden, hidden], out: words }),
      }),
      observation: bagOfWords({ vocabulary: { textOf } }),
      inference: normalInference({ dimension: latentDimension, network: encoder(chosen, words), floor: 0 }),
      network: conditionalResidualMlp({ in: latentDimension, out: symbols, width, blocks }),
      symbols,
      ladder: diffused,
      chain: { steps, stepSizes: langevinSteps(diffused, 2e-3) },
      weights,
      labels: ({ labels }: WordCountBatch) => labels,
      supervision: { labelled: labelledPart(chosen), batchSize: labelledBatch },
      optimizers: {
        generator: adam({ learningRate: chosen.learningRate }),
        inference: adam({ learningRate: chosen.learningRate }),
        energy: adam({ learningRate: chosen.energyLearningRate }),
      },
      observe: ({ counts }: WordCountBatch) => counts,
    });
  },
  evaluation: (chosen) => ({ test: wordCounts(texts(chosen), "test") }),
  training: { iterations: 1_000, batchSize: 128, checkpointEvery: 500, sampleEvery: 500 },
});
