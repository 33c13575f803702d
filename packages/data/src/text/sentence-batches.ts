/** Sentences as tensors of one length: what goes into a language model, what should come out, and where nothing is. */
import * as tf from "@tensorflow/tfjs-core";
import { fail } from "@ergodic/tensor";
import { shuffledBatches } from "../batching.js";
import type { IndexedSource } from "../dataset.js";
import type { Labels } from "../labels.js";
import { bucketedBatches } from "./buckets.js";
import { BOUNDARY } from "./vocabulary.js";

/** All `[rows, time]`: at each place the word before, the word to come, and 1 where there is one, 0 in what only fills up. */
export type SentenceBatch = {
  /** int32; starts with the boundary. */
  readonly before: tf.Tensor2D;
  /** int32; ends with the boundary. */
  readonly next: tf.Tensor2D;
  readonly weight: tf.Tensor2D;
};

/** The same with `labels` [rows] int32. */
export type LabelledSentenceBatch = SentenceBatch & { readonly labels: tf.Tensor1D };

/** Lengths are rounded up to multiples of this, so that a few programs serve all batches. */
const STRIDE = 16;
/** Words a sentence may have: programs hold every step. */
const LONGEST = 255;
/** Numbers in the largest tensor of a program: a score of each word of the vocabulary at each place of a batch. */
const MOST_SCORES = 2 ** 31 - 1;

/**
 * @param what whose sentences they are, for messages
 * @throws ValidationError for sentences of more than 255 words, or none
 */
export function assertSentences(what: string, sentences: readonly ArrayLike<unknown>[]): void {
  if (sentences.length === 0) fail(`${what} has no sentences`, "at least one");
  sentences.forEach(({ length }, i) => {
    if (length > LONGEST)
      fail(`sentence ${i} of ${what} has ${length} words`, `at most ${LONGEST}`, "split the text into sentences");
  });
}

/** @throws ValidationError when a batch of these sentences has more scores of words than a program can hold */
export function assertBatchFits(sentences: readonly ArrayLike<unknown>[], rows: number, vocabularySize: number): void {
  const places = rows * timeOf(sentences);
  if (places * vocabularySize > MOST_SCORES)
    fail(
      `${rows} sentences of up to ${timeOf(sentences)} words have ${places * vocabularySize} scores of the ${vocabularySize} words of the vocabulary`,
      `at most ${MOST_SCORES}`,
      `take the ${Math.floor(MOST_SCORES / places)} most frequent words (vocabularyOf's most), or shorter sentences`,
    );
}

/** Places for the words of the longest sentence and its end. */
function timeOf(sentences: readonly ArrayLike<unknown>[]): number {
  const longest = sentences.reduce((most, { length }) => Math.max(most, length + 1), 1);
  return STRIDE * Math.ceil(longest / STRIDE);
}

/** Sentences of word numbers, each with a boundary before and after it; rows that are left over weigh nothing. */
export function sentenceBatch(sentences: readonly Int32Array[], rows: number): SentenceBatch {
  const time = timeOf(sentences);
  const [before, next] = [new Int32Array(rows * time).fill(BOUNDARY), new Int32Array(rows * time).fill(BOUNDARY)];
  const weight = new Float32Array(rows * time);
  sentences.forEach((words, i) => {
    before.set(words, i * time + 1);
    next.set(words, i * time);
    weight.fill(1, i * time, i * time + words.length + 1);
  });
  return {
    before: tf.tensor2d(before, [rows, time], "int32"),
    next: tf.tensor2d(next, [rows, time], "int32"),
    weight: tf.tensor2d(weight, [rows, time]),
  };
}

export type SentenceSourceOptions = {
  /** Sentences of nearly one length come together, so that less is filled up. Default false. */
  readonly buckets?: boolean;
};

/**
 * A data set for a training loop; every batch has as many rows. Rows that are left over have the label 0, and weigh nothing.
 *
 * @param sentences word numbers
 * @throws ValidationError for sentences of more than 255 words, none, or another number of labels
 */
export function sentenceSource(
  sentences: readonly Int32Array[],
  options: SentenceSourceOptions & { readonly labels: Labels },
): IndexedSource<LabelledSentenceBatch>;
export function sentenceSource(
  sentences: readonly Int32Array[],
  options?: SentenceSourceOptions,
): IndexedSource<SentenceBatch>;
export function sentenceSource(
  sentences: readonly Int32Array[],
  { labels, buckets = false }: SentenceSourceOptions & { readonly labels?: Labels } = {},
): IndexedSource<SentenceBatch> {
  assertSentences("the data set", sentences);
  const size = sentences.length;
  if (labels !== undefined && labels.length !== size)
    fail(`there are ${size} sentences and ${labels.length} labels`, "one label per sentence");
  const rowsOf = (indices: Int32Array, rows: number): SentenceBatch => {
    const chosen = Array.from(indices, (i) => sentences[i]!);
    const batch = sentenceBatch(chosen, rows);
    if (labels === undefined) return batch;
    const own = new Int32Array(rows);
    indices.forEach((index, row) => (own[row] = labels[index]!));
    const labelled: LabelledSentenceBatch = { ...batch, labels: tf.tensor1d(own, "int32") };
    return labelled;
  };
  const bucketOf = (index: number): number => timeOf([sentences[index]!]);
  return {
    load: () =>
      Promise.resolve({
        description: `${size} sentences`,
        size,
        take: (indices) => rowsOf(indices, indices.length),
        batches: (options) => {
          const gather = (indices: Int32Array) => rowsOf(indices, options.batchSize);
          return buckets ? bucketedBatches(size, bucketOf, options, gather) : shuffledBatches(size, options, gather);
        },
      }),
  };
}
