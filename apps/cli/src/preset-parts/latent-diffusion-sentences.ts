/** Latent diffusion of sentences with classes: the options and the learner of presets. */
import type { Corpus, LabelledSentenceBatch } from "@ergodic/data";
import { conditionalResidualMlp } from "@ergodic/energies";
import { normalInference, sequenceDecoder, sequenceEncoder } from "@ergodic/generators";
import { latentDiffusion } from "@ergodic/latent-priors";
import { adam, clipped } from "@ergodic/nn";
import { ladder, langevinSteps } from "@ergodic/noising";
import { z } from "zod";

const count = z.number().int().min(1);
const rate = z.number().min(0).lt(1);
const weight = z.number().min(0);

/** Options of every preset of sentences with symbols. */
export const symbolOptions = {
  /** The number of known words, the most frequent ones. */
  words: count.default(2_000),
  /** The most words of a sentence. */
  longest: count.max(255).default(12),
  latentDimension: count.default(16),
  embedding: count.default(64),
  hidden: count.default(128),
  /** Rates of whole words, of embedded words, and of the recurrent layer's output. */
  dropout: z.object({ words: rate.default(0.4), embedding: rate.default(0), output: rate.default(0) }).prefault({}),
  /** Where the symbols of the cross-entropy come from: k-means of posterior means, or labels. */
  supervision: z.enum(["clusters", "labels", "none"]).default("clusters"),
  symbols: count.default(4),
  clusterEvery: count.default(125),
  /** Where samples of a symbol are given it: at level 0, or at all levels. */
  symbolLevels: z.enum(["bottom", "all"]).default("bottom"),
  /** "one-level" is the symbol-vector energy of arXiv 2108.11556, without diffusion. */
  model: z.enum(["diffusion", "one-level"]).default("diffusion"),
  /** Width of the energy network, and its residual blocks. */
  width: count.default(64),
  blocks: count.default(4),
  /** T, where there is diffusion. */
  levels: count.min(2).default(6),
  /** K. */
  steps: count.default(40),
  weights: z
    .object({ divergence: weight.default(0.3), information: weight.default(0.5), symbols: weight.default(1) })
    .prefault({}),
  /** Null: the entropy of q(z | x) has a gradient everywhere. */
  freeBits: weight.nullable().default(null),
  learningRate: z.number().positive().default(3e-3),
  energyLearningRate: z.number().positive().default(3e-4),
};

export type SymbolOptions = z.output<z.ZodObject<typeof symbolOptions>>;

/** The learner of a corpus. */
export function symbolModel(options: SymbolOptions, text: Corpus<LabelledSentenceBatch>) {
  const { latentDimension, embedding, hidden, dropout, longest, symbols, supervision, symbolLevels } = options;
  const { width, blocks, levels, steps, weights, freeBits, learningRate, energyLearningRate } = options;
  const sizes = { symbols: text.symbols, embedding, hidden };
  const diffused = ladder.recovery(levels);
  const oneLevel = options.model === "one-level";
  const learning = clipped(adam({ learningRate }), { maxNorm: 5 });
  return latentDiffusion({
    ...sequenceDecoder({
      ...{ ...sizes, latentDimension, dropout, cell: "gru" },
      maxLength: longest + 1,
      vocabulary: { textOf: text.textOf },
    }),
    inference: normalInference({
      dimension: latentDimension,
      network: sequenceEncoder({ ...sizes, out: 2 * latentDimension }),
      floor: 0,
    }),
    network: conditionalResidualMlp({ in: latentDimension, out: symbols, width, blocks }),
    symbols,
    ladder: oneLevel ? ladder.full(1) : diffused,
    chain: { steps, stepSizes: oneLevel ? Float64Array.of(0.4) : langevinSteps(diffused, 2e-3) },
    energyScale: oneLevel ? "none" : "step",
    weights,
    ...(freeBits !== null && { freeBits }),
    labels: ({ labels }: LabelledSentenceBatch) => labels,
    supervision:
      supervision === "clusters"
        ? { data: text.source("train"), every: options.clusterEvery }
        : supervision === "labels"
          ? "labels"
          : undefined,
    symbolLevels,
    optimizers: {
      generator: learning,
      inference: learning,
      energy: clipped(adam({ learningRate: energyLearningRate }), { maxNorm: 10 }),
    },
    observe: ({ next, weight: counted }: LabelledSentenceBatch) => ({ tokens: next, weight: counted }),
  });
}
