/** Data sets, loaders and seeded batching. */
export type { Batches, BatchOptions, Dataset, DataSource } from "./dataset.js";
export { shuffledBatches } from "./batching.js";
export { arrayDataset } from "./array-dataset.js";
export type { ArrayBatch, ExampleArray } from "./array-dataset.js";
export { subset } from "./subset.js";
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
export { images } from "./images/images.js";
export type { ImagesOptions, WithFiles } from "./images/images.js";
export type { Crop, Window } from "./images/crop.js";
export type { DecodingProgress } from "./images/squares.js";
export { videoFrames } from "./images/video-frames.js";
export type { FrameBatch, VideoFramesOptions } from "./images/video-frames.js";
export { openImageFolder } from "./images/folder.js";
export type { ImageFolder } from "./images/folder.js";
export type { DecodedImage } from "./images/decoding/decoded.js";
export type { FileReport, Reduction, Remark, SkipReason } from "./images/files/remarks.js";
export { antialiasedTaps, resampleInto } from "./images/resample.js";
export type { Pixels, ResamplingFilter, Taps } from "./images/resample.js";
export { cifar10, cifar100 } from "./cifar.js";
export type { Cifar100Options, CifarOptions } from "./cifar.js";
export { emoji } from "./emoji.js";
export type { EmojiDataset, EmojiOptions } from "./emoji.js";
export { svhn } from "./svhn.js";
export type { SvhnOptions } from "./svhn.js";
export { fashionMnist, kuzushijiMnist } from "./mnist-relatives.js";
export type { MnistRelativeOptions } from "./mnist-relatives.js";
export type { PublishedImagesOptions } from "./image-options.js";
export { mnist } from "./mnist.js";
export type { MnistOptions } from "./mnist.js";
export { mnistChecksums } from "./mnist-files.js";
export type { MnistDownload, MnistSplit } from "./mnist-files.js";
export { pointDataset } from "./points/distribution.js";
export type {
  LabelledPointBatch,
  PointBatch,
  PointDataset,
  PointDensity,
  PointDistribution,
  PointSourceOptions,
} from "./points/distribution.js";
export { fourGaussians, gaussianMixture, gaussianRing } from "./points/gaussian-mixtures.js";
export type { GaussianMixtureOptions, GaussianRingOptions } from "./points/gaussian-mixtures.js";
export { checkerboard, pinwheel, swissRoll, twoMoons } from "./points/curves.js";
export type { PinwheelOptions } from "./points/curves.js";
export { download } from "./download.js";
export type { Download, DownloadProgress } from "./download.js";
export { decodeText, linesOf, wordsOf } from "./text/encoding.js";
export { vocabularyOf } from "./text/vocabulary.js";
export type { Tokens, Vocabulary, VocabularyOptions } from "./text/vocabulary.js";
export { assertBatchFits, assertSentences, sentenceBatch, sentenceSource } from "./text/sentence-batches.js";
export type { LabelledSentenceBatch, SentenceBatch, SentenceSourceOptions } from "./text/sentence-batches.js";
export { readTexts } from "./text/read-texts.js";
export type { TextForm, Texts } from "./text/read-texts.js";
export { readBrown } from "./text/brown.js";
export type { BrownOptions, LabelledTexts } from "./text/brown.js";
export { openTransfer, TransferError } from "./transfer.js";
export type { Transfer, TransferLimits, TransferRequest } from "./transfer.js";
