/** Sentences as tensors of one length: inputs and targets of a language model, and a mask. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { shuffledBatches } from "../batching.js";
import type { IndexedSource } from "../dataset.js";
import type { Labels } from "../labels.js";
import { bucketedBatches } from "./buckets.js";
import { BOUNDARY } from "./vocabulary.js";

/**
 * Tensors `[rows, time]`: the preceding word, the next word, and the mask of each place.
 *
 * The mask `weight` is 1 at words and the end of a sentence, and 0 at padding.
 */
export type SentenceBatch = {
  /** int32; starts with the boundary. */
  readonly before: tf.Tensor2D;
  /** int32; ends with the boundary. */
  readonly next: tf.Tensor2D;
  readonly weight: tf.Tensor2D;
};

/** The same with `labels` [rows] int32. */
export type LabelledSentenceBatch = SentenceBatch & { readonly labels: tf.Tensor1D };

/**
 * The same with the turns before each sentence, the oldest first, `[rows, turns, time]`: the words
 * int32, and 1 at words and 0 at padding. Labels where the sentences have any.
 */
export type ReplyBatch = SentenceBatch & {
  readonly context: { readonly tokens: tf.Tensor3D; readonly weight: tf.Tensor3D };
  readonly labels?: tf.Tensor1D;
};

/** The default of {@link SentenceSourceOptions.stride}. */
const STRIDE = 16;
/** The most words of a sentence. Compiled programs hold every step. */
const LONGEST = 255;
/**
 * The most numbers in a tensor of a program: scores of all words of the vocabulary at all places of
 * a batch.
 */
const MOST_SCORES = 2 ** 31 - 1;

/**
 * Checks sentences.
 *
 * @param what the source of the sentences, for messages
 * @throws ValidationError for sentences of more than 255 words, or none
 */
export function assertSentences(what: string, sentences: readonly ArrayLike<unknown>[]): void {
  if (sentences.length === 0) fail(`${what} has no sentences`, "at least one");
  sentences.forEach(({ length }, i) => {
    if (length > LONGEST)
      fail(`sentence ${i} of ${what} has ${length} words`, `at most ${LONGEST}`, "split the text into sentences");
  });
}

/**
 * Checks the size of a batch.
 *
 * @throws ValidationError when a batch of these sentences has more scores of words than a program
 * can hold
 */
export function assertBatchFits(sentences: readonly ArrayLike<unknown>[], rows: number, vocabularySize: number): void {
  const places = rows * timeOf(sentences);
  if (places * vocabularySize > MOST_SCORES)
    fail(
      `${rows} sentences of up to ${timeOf(sentences)} words have ${places * vocabularySize} scores of the ${vocabularySize} words of the vocabulary`,
      `at most ${MOST_SCORES}`,
      `take the ${Math.floor(MOST_SCORES / places)} most frequent words (vocabularyOf's most), or shorter sentences`,
    );
}

/** The number of places for the longest sentence and its end, rounded up. */
function timeOf(sentences: readonly ArrayLike<unknown>[], stride = STRIDE): number {
  const longest = sentences.reduce((most, { length }) => Math.max(most, length + 1), 1);
  return stride * Math.ceil(longest / stride);
}

/**
 * A batch of sentences of word numbers, each with a boundary before and after it.
 *
 * Rows beyond the sentences have weight 0.
 *
 * @param stride as {@link SentenceSourceOptions.stride}
 */
export function sentenceBatch(sentences: readonly Int32Array[], rows: number, stride?: number): SentenceBatch {
  const time = timeOf(sentences, stride);
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

/** Turns before sentences, as word numbers. */
export interface SentenceContexts {
  /** Those of each sentence, the oldest first. */
  readonly turns: readonly (readonly Int32Array[])[];
  /** The words of a turn that are kept, the first ones. Default: all. */
  readonly longest?: number;
}

/** The turns before some sentences as tensors of one shape, whatever the sentences. */
function contextRows({ turns: all, longest = Infinity }: SentenceContexts) {
  const count = all.reduce((most, { length }) => Math.max(most, length), 1);
  const time = Math.min(
    longest,
    all.flat().reduce((most, { length }) => Math.max(most, length), 1),
  );
  return (indices: Int32Array, rows: number): ReplyBatch["context"] => {
    const tokens = new Int32Array(rows * count * time).fill(BOUNDARY);
    const weight = new Float32Array(tokens.length);
    indices.forEach((index, row) =>
      all[index]!.forEach((turn, i) => {
        const [from, words] = [(row * count + i) * time, turn.subarray(0, time)];
        tokens.set(words, from);
        weight.fill(1, from, from + words.length);
      }),
    );
    const shape: [number, number, number] = [rows, count, time];
    return { tokens: tf.tensor3d(tokens, shape, "int32"), weight: tf.tensor3d(weight, shape) };
  };
}

export type SentenceSourceOptions = {
  /**
   * Batches hold sentences of nearly one length, so that there is less padding, and every batch is
   * full. Default false.
   */
  readonly buckets?: boolean;
  /**
   * Lengths of batches are multiples of this number, so that few compiled programs serve all.
   * Default 16.
   */
  readonly stride?: number;
};

/**
 * Sentences as a data source. Every batch has the same number of rows.
 *
 * Rows beyond the sentences have label 0 and weight 0.
 *
 * @param sentences word numbers
 * @throws ValidationError for sentences of more than 255 words, none, or another number of labels or
 *   contexts
 */
export function sentenceSource(
  sentences: readonly Int32Array[],
  options: SentenceSourceOptions & { readonly labels: Labels },
): IndexedSource<LabelledSentenceBatch>;
export function sentenceSource(
  sentences: readonly Int32Array[],
  options: SentenceSourceOptions & { readonly contexts: SentenceContexts; readonly labels?: Labels },
): IndexedSource<ReplyBatch>;
export function sentenceSource(
  sentences: readonly Int32Array[],
  options?: SentenceSourceOptions,
): IndexedSource<SentenceBatch>;
export function sentenceSource(
  sentences: readonly Int32Array[],
  {
    labels,
    contexts,
    buckets = false,
    stride = STRIDE,
  }: SentenceSourceOptions & { readonly labels?: Labels; readonly contexts?: SentenceContexts } = {},
): IndexedSource<SentenceBatch> {
  assertSentences("the data set", sentences);
  assertPositiveInteger({ stride });
  const size = sentences.length;
  if (labels !== undefined && labels.length !== size)
    fail(`there are ${size} sentences and ${labels.length} labels`, "one label per sentence");
  if (contexts !== undefined && contexts.turns.length !== size)
    fail(`there are ${size} sentences and ${contexts.turns.length} contexts`, "one context per sentence");
  const contextOf = contexts && contextRows(contexts);
  const labelRows = (indices: Int32Array, rows: number, of: Labels): tf.Tensor1D => {
    const own = new Int32Array(rows);
    indices.forEach((index, row) => (own[row] = of[index]!));
    return tf.tensor1d(own, "int32");
  };
  const rowsOf = (indices: Int32Array, rows: number): SentenceBatch & Partial<LabelledSentenceBatch & ReplyBatch> => {
    const chosen = Array.from(indices, (i) => sentences[i]!);
    return {
      ...sentenceBatch(chosen, rows, stride),
      ...(labels && { labels: labelRows(indices, rows, labels) }),
      ...(contextOf && { context: contextOf(indices, rows) }),
    };
  };
  const bucketOf = (index: number): number => timeOf([sentences[index]!], stride);
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
