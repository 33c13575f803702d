/**
 * Latent-space models of sentences, whatever their text: the options and the learner of presets.
 */
import {
  corpus,
  type Corpus,
  type CorpusOf,
  type LabelledSentences,
  type SentencesInContext,
  type TextSplit,
  type Tokens,
} from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { normalInference, sequenceDecoder, sequenceEncoder } from "@ergodic/generators";
import { latentPrior } from "@ergodic/latent-priors";
import { adam, clipped, initializers, type Initializer } from "@ergodic/nn";
import { random } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { chain } from "./latent-prior.js";

const count = z.number().int().min(1);
const rate = z.number().min(0).lt(1);

/** Options of every preset of sentences. */
export const sentenceOptions = {
  /** The number of known words, the most frequent ones. */
  words: count.default(2_000),
  /** The most words of a sentence. */
  longest: count.max(255).default(12),
  latentDimension: count.default(32),
  cell: z.enum(["lstm", "gru"]).default("lstm"),
  embedding: count.default(64),
  hidden: count.default(64),
  /** Where the latent enters the decoder: its initial state, its inputs, or both. */
  latentTo: z.enum(["state", "inputs", "both"]).default("both"),
  /** Scores of words are products with their embeddings. */
  tied: z.boolean().default(false),
  /** Rates of whole words, of embedded words, and of the recurrent layer's output. */
  dropout: z.object({ words: rate.default(0), embedding: rate.default(0.2), output: rate.default(0.2) }).prefault({}),
  /** False fixes the prior at N(0, I). */
  tilted: z.boolean().default(true),
  /** Hidden layers of the prior's energy. */
  energyWidths: z.array(count).min(1).default([200, 200]),
  prior: chain(40, 0.5),
  posterior: chain(20, 0.5),
  /** Noise of the posterior chain in learning. */
  posteriorNoise: z.boolean().default(false),
  /** Where posterior chains start: N(0, I), or a recurrent q(z | x) that learns along. */
  start: z.enum(["noise", "encoder"]).default("noise"),
  /** β of p(x | z)^β in posterior chains and in the phase `variational`. Scores do not have it. */
  likelihoodWeight: z.number().positive().default(1),
  generatorLearningRate: z.number().positive().default(1e-3),
  energyLearningRate: z.number().positive().default(1e-4),
  /** Initial parameters are uniform in ± this bound. Null: in ±1/√fan-in. */
  initialBound: z.number().positive().nullable().default(null),
};

export type SentenceOptions = z.output<z.ZodObject<typeof sentenceOptions>>;

/** Numbers in ± bound, for all parameters alike. */
const uniformIn =
  (bound: number): Initializer =>
  (key, { shape }) =>
    random.uniform(key, shape, { low: -bound, high: bound });

/** The learner of a corpus. */
export function sentenceModel(options: SentenceOptions, { symbols, textOf }: Corpus) {
  const { latentDimension, cell, embedding, hidden, latentTo, tied, dropout, longest } = options;
  const { tilted, energyWidths, initialBound, posteriorNoise, start, likelihoodWeight } = options;
  const learning = clipped(adam({ learningRate: options.generatorLearningRate }), { maxNorm: 5 });
  const init = initialBound === null ? initializers.uniformFanIn : uniformIn(initialBound);
  return latentPrior({
    ...sequenceDecoder({
      ...{ latentDimension, symbols, cell, embedding, hidden, latentTo, tied, dropout, init },
      maxLength: longest + 1,
      vocabulary: { textOf },
    }),
    energy: tilted
      ? mlpEnergy({
          ...{ in: latentDimension, widths: energyWidths, activation: "gelu" },
          init: { weight: init, bias: init },
        })
      : undefined,
    inference:
      start === "encoder"
        ? normalInference({
            dimension: latentDimension,
            network: sequenceEncoder({ symbols, embedding, hidden, out: 2 * latentDimension }),
            floor: 0,
          })
        : undefined,
    prior: options.prior,
    posterior: { ...options.posterior, noise: posteriorNoise, stepsPerCall: options.posterior.steps, likelihoodWeight },
    optimizers: {
      generator: learning,
      inference: learning,
      energy: clipped(adam({ learningRate: options.energyLearningRate, weightDecay: 1e-3 }), { maxNorm: 1 }),
    },
    observe: ({ next, weight }: { readonly next: tf.Tensor; readonly weight: tf.Tensor }) => ({ tokens: next, weight }),
  });
}

/** Test sentences, the corpus, and language models of the decoder's sizes. */
export const sentenceEvaluation = (
  { embedding, hidden }: Pick<SentenceOptions, "embedding" | "hidden">,
  text: Corpus,
) => ({
  test: text.source("test"),
  corpus: text,
  languageModel: { embedding, hidden },
});

/**
 * The corpus of each choice of options, so that the parts of an experiment share its words.
 *
 * @param read the sentences of a split
 */
export function sharedCorpus<
  O extends Pick<SentenceOptions, "words" | "longest">,
  T extends readonly Tokens[] | LabelledSentences | SentencesInContext = readonly Tokens[],
>(
  read: (options: O, split: TextSplit) => Promise<T>,
  settings: (options: O) => { readonly limit?: number; readonly stride?: number } = () => ({}),
): (options: O) => CorpusOf<T> {
  const made = new Map<string, CorpusOf<T>>();
  return (options) => {
    const key = JSON.stringify(options);
    const { words, longest } = options;
    const own =
      made.get(key) ?? corpus({ read: (split) => read(options, split), words, longest, ...settings(options) });
    made.set(key, own);
    return own;
  };
}
