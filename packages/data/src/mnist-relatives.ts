/**
 * Fashion-MNIST and Kuzushiji-MNIST, sets in the format of MNIST.
 *
 * Each has 60,000 training and 10,000 test images of 28 x 28 x 1 in ten classes: clothing (Xiao et
 * al., arXiv 1708.07747), and cursive Japanese characters (Clanuwat et al., arXiv 1812.01718).
 */
import type { IndexedSource } from "./dataset.js";
import { readIdxImages } from "./idx-images.js";
import { assertImagesOptions, datasetOptions, describeImages, type PublishedImagesOptions } from "./image-options.js";
import { imageDataset, type LabelledImageBatch, type LabelledImageDataset } from "./images/dataset.js";
import { idxNames, mnistFileNames } from "./mnist-files.js";
import { assertFrom, requiredFile, type Origin } from "./required-file.js";

export type MnistRelativeOptions = PublishedImagesOptions & {
  /** The folder with `train-images-idx3-ubyte` and the others, gzip or not. */
  readonly from: string;
};

type Source = IndexedSource<LabelledImageBatch, LabelledImageDataset>;

/**
 * Fashion-MNIST: batches `{ images: [batch, 28, 28, 1] in scale, labels: [batch] int32 }`.
 *
 * @throws ValidationError at once for a wrong option; from `load` if a file is missing, damaged, or
 * not of shape [n, 28, 28]
 */
export const fashionMnist = (options: MnistRelativeOptions): Source =>
  relative(
    options,
    { dataset: "Fashion-MNIST", url: "https://github.com/zalandoresearch/fashion-mnist/tree/master/data/fashion" },
    ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"],
  );

/** Kuzushiji-MNIST; as {@link fashionMnist}. */
export const kuzushijiMnist = (options: MnistRelativeOptions): Source =>
  relative(options, { dataset: "Kuzushiji-MNIST", url: "http://codh.rois.ac.jp/kmnist" }, [
    ...["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
  ]);

function relative(
  { from, split = "train", ...options }: MnistRelativeOptions,
  origin: Origin,
  classes: readonly string[],
): Source {
  assertFrom(from, origin);
  assertImagesOptions({ split, ...options });
  return {
    async load() {
      const names = mnistFileNames(split);
      const { bytes, labels } = await readIdxImages(
        await requiredFile(from, idxNames(names.images), origin),
        await requiredFile(from, idxNames(names.labels), origin),
      );
      return imageDataset({
        description: describeImages(`${origin.dataset} ${split}`, options.limit ?? labels.length, [28, 28, 1]),
        ...{ bytes, labels, classes, imageShape: [28, 28, 1] },
        ...datasetOptions(options),
      });
    },
  };
}
