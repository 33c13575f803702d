/**
 * Data sets in memory, seeded batches, points of the plane, words.
 *
 * Sources that read files need Node: `@ergodic/data/node`.
 */
export type { IndexedDataset, IndexedSource } from "./dataset.js";
export type { Batches, BatchOptions, Dataset, DataSource } from "@ergodic/tensor";
export { shuffledBatches } from "./batching.js";
export { arrayDataset } from "./array-dataset.js";
export type { ArrayBatch, ArrayDataset, ExampleArray, ExampleValues, NestedNumbers } from "./array-dataset.js";
export { imageSubset, subset } from "./subset.js";
export { leaveOutClass } from "./left-out-class.js";
export type { LeaveOutClassOptions, LeftOutClass } from "./left-out-class.js";
export { paired, unpaired, withheldPairs } from "./pairs.js";
export type { Pair, UnpairedDataset, WithheldPairs, WithheldPairsOptions } from "./pairs.js";
export { augmented, augmentImages } from "./augmented.js";
export type { Augmentation } from "./augmented.js";
export type { Labels } from "./labels.js";
export { imageDataset } from "./images/dataset.js";
export type {
  ImageArrays,
  ImageBatch,
  ImageDataset,
  ImageDatasetOptions,
  ImageShape,
  LabelledImageBatch,
  LabelledImageDataset,
  LabelledImageDatasetOptions,
} from "./images/dataset.js";
export { changed, changedImages, edges } from "./changed.js";
export { movedPoints, type PointMotion } from "./points/moved.js";
export { circleSequences, type CircleSequencesOptions, type PointFrames } from "./points/circle-sequences.js";
export { movingDigits, type MovingDigitsOptions } from "./images/moving-digits.js";
export type { Crop, Window } from "./images/crop.js";
export { antialiasedTaps, resampleInto } from "./images/resample.js";
export type { Pixels, ResamplingFilter, Taps } from "./images/resample.js";
export { pointDataset } from "./points/distribution.js";
export type {
  LabelledPointBatch,
  PointBatch,
  PointDataset,
  PointDensity,
  PointDistribution,
  PointSourceOptions,
} from "./points/distribution.js";
export { fourGaussians, gaussianGrid, gaussianMixture, gaussianRing } from "./points/gaussian-mixtures.js";
export type { GaussianMixture } from "./points/gaussian-mixtures.js";
export type { GaussianMixtureOptions, GaussianRingOptions } from "./points/gaussian-mixtures.js";
export { checkerboard, pinwheel, swissRoll, twoMoons } from "./points/curves.js";
export type { PinwheelOptions } from "./points/curves.js";
export { decodeText, linesOf, wordsOf } from "./text/encoding.js";
export { vocabularyOf } from "./text/vocabulary.js";
export type { Tokens, Vocabulary, VocabularyOptions } from "./text/vocabulary.js";
export { assertBatchFits, assertSentences, sentenceBatch, sentenceSource } from "./text/sentence-batches.js";
export type {
  LabelledSentenceBatch,
  ReplyBatch,
  SentenceBatch,
  SentenceContexts,
  SentenceSourceOptions,
} from "./text/sentence-batches.js";
export { corpus } from "./text/corpus.js";
export type {
  Corpus,
  CorpusOf,
  CorpusOptions,
  LabelledSentences,
  LoadedCorpus,
  SentencesInContext,
  TextSplit,
} from "./text/corpus.js";
export { wordCounts } from "./text/word-counts.js";
export type { WordCountBatch, WordCountOptions } from "./text/word-counts.js";
export { templateGrammar } from "./text/templates.js";
export type { TemplateGrammar } from "./text/templates.js";
export { openTransfer, TransferError } from "./transfer.js";
export type { Transfer, TransferLimits, TransferRequest } from "./transfer.js";
