/** Texts of a corpus as counts of their words, without order. */
import * as tf from "@tensorflow/tfjs-core";
import { fail } from "@ergodic/tensor";
import { randomAccess } from "../batching.js";
import type { IndexedSource } from "../dataset.js";
import type { Corpus, TextSplit } from "./corpus.js";
import type { LabelledSentenceBatch } from "./sentence-batches.js";
import { RESERVED } from "./vocabulary.js";

export type WordCountBatch = {
  /** How often each word of the corpus is in the text, `[rows, symbols]` float32. */
  readonly counts: tf.Tensor2D;
  /** The class of each text, `[rows]` int32; -1 where it is hidden. */
  readonly labels: tf.Tensor1D;
};

export interface WordCountOptions {
  /** Only texts whose class is not hidden. Default: all. */
  readonly labelledOnly?: boolean;
}

/**
 * The texts of a split as bags of words, for `bagOfWords` of `@ergodic/generators`.
 *
 * Unknown words do not count. Texts without known words are left out.
 *
 * @throws ValidationError when no text is left
 */
export function wordCounts(
  corpus: Corpus<LabelledSentenceBatch>,
  split: TextSplit,
  { labelledOnly = false }: WordCountOptions = {},
): IndexedSource<WordCountBatch> {
  const { symbols } = corpus;
  return {
    async load() {
      const { vocabulary, labels: classes, [split]: texts } = await corpus.load();
      const bags = texts
        .map((text, i) => ({
          words: vocabulary.encode(text).filter((word) => word >= RESERVED),
          label: classes![split][i]!,
        }))
        .filter(({ words, label }) => words.length > 0 && (label >= 0 || !labelledOnly));
      if (bags.length === 0)
        fail(`the ${split} split has no ${labelledOnly ? "labelled " : ""}text with known words`, "at least one");
      const take = (indices: Int32Array): WordCountBatch => {
        const counts = new Float32Array(indices.length * symbols);
        indices.forEach((index, row) => {
          for (const word of bags[index]!.words) counts[row * symbols + word]!++;
        });
        const labels = Int32Array.from(indices, (index) => bags[index]!.label);
        return { counts: tf.tensor2d(counts, [indices.length, symbols]), labels: tf.tensor1d(labels, "int32") };
      };
      return {
        description: `${bags.length} bags of words`,
        size: bags.length,
        ...randomAccess(bags.length, take),
      };
    },
  };
}
