/**
 * The published sizes of arXiv 2006.08205 for SNLI, the Penn Treebank and Yahoo.
 *
 * The paper has no code for text. Sizes of embeddings and hidden states are those of its appendix,
 * as others recall them. Chains, rates, clipping and initial numbers are those of a later program
 * of its authors (bpucla/ibebm).
 */
import { readPublishedText, type PublishedText } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { sentenceEvaluation, sentenceModel, sentenceOptions, sharedCorpus } from "./latent-prior-sentences.js";

export interface TextTable {
  readonly set: PublishedText;
  readonly name: string;
  readonly words: number;
  readonly longest: number;
  readonly embedding: number;
  readonly hidden: number;
  /** Training sentences. */
  readonly sentences: number;
}

const [batchSize, epochs] = [32, 50];
const count = z.number().int().min(1);

/** The preset of a table. */
export function latentPriorText({ set, name, sentences, ...sizes }: TextTable) {
  const options = z.object({
    ...sentenceOptions,
    words: count.default(sizes.words),
    longest: count.max(255).default(sizes.longest),
    embedding: count.default(sizes.embedding),
    hidden: count.default(sizes.hidden),
    initialBound: z.number().positive().nullable().default(0.1),
    /** The folder with the files of the text. */
    dataFrom: z.string().default(`data/${set}`),
  });
  const text = sharedCorpus<z.output<typeof options>>(
    ({ dataFrom }, split) => readPublishedText(set, { from: dataFrom, split }),
    () => ({ stride: 8 }),
  );
  return defineExperiment({
    name: `latent-prior/${set}`,
    description: `${name} from an LSTM with a latent-space energy-based prior (arXiv 2006.08205)`,
    options,
    data: (chosen) => text(chosen).source("train"),
    model: (chosen) => sentenceModel(chosen, text(chosen)),
    evaluation: (chosen) => sentenceEvaluation(chosen, text(chosen)),
    training: {
      iterations: epochs * Math.floor(sentences / batchSize),
      ...{ batchSize, checkpointEvery: 1_000, sampleEvery: 1_000 },
    },
  });
}
